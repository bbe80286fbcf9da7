import CGIF
import Imaging

/// One giflib reader on bytes that outlive it: frame after frame, line after line.
struct GIFReader: ~Copyable {
    /// Of the first frame.
    let header: cgif_header
    /// The logical screen, made larger where the first frame sticks out of it, as browsers do.
    let screen: PixelSize
    private let reader: OpaquePointer

    /// GIF89a appendix E: every 8th line from 0, every 8th from 4, every 4th from 2, every 2nd from 1.
    static let interlacedPasses = [(first: 0, step: 8), (first: 4, step: 8), (first: 2, step: 4), (first: 1, step: 2)]

    init(_ bytes: UnsafeRawBufferPointer) throws(CodecError) {
        var header = cgif_header()
        var reader: OpaquePointer?
        var message = [CChar](repeating: 0, count: 128)
        let status = cgif_open(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, &reader, &header, &message)
        guard status == cgif_ok, let reader else {
            throw Self.error(status, message.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
        }
        self.reader = reader
        self.header = header
        screen = PixelSize(
            width: Int(max(header.screen_width, header.frame_left + header.frame_width)),
            height: Int(max(header.screen_height, header.frame_top + header.frame_height)))
    }

    deinit { cgif_close(reader) }

    var hasAlpha: Bool {
        header.transparent_index >= 0 || header.frame_left > 0 || header.frame_top > 0
            || header.frame_left + header.frame_width < screen.width || header.frame_top + header.frame_height < screen.height
    }

    /// The next line as stored: as many palette indices as the frame is wide.
    func readLine(into line: UnsafeMutablePointer<UInt8>) throws(CodecError) {
        let status = cgif_read_line(reader, line)
        if status != cgif_ok { throw Self.error(status, String(cString: cgif_message(reader))) }
    }

    /// Goes on to the next frame, once all lines of the one before have been read; nil where there is none.
    func next() throws(CodecError) -> cgif_header? {
        var header = cgif_header()
        let status = cgif_next(reader, &header)
        if status == cgif_end { return nil }
        guard status == cgif_ok else { throw Self.error(status, String(cString: cgif_message(reader))) }
        return header
    }

    private static func error(_ status: cgif_status, _ message: String) -> CodecError {
        switch status {
        case cgif_truncated: .truncated(.gif)
        case cgif_corrupt: .corrupt(.gif, FileFlaw(shim: message, otherwise: .rules))
        default: .noMemory
        }
    }
}

extension cgif_header {
    /// Red, green, blue and alpha of all 256 indices; those beyond the palette are black.
    var colors: [(r: UInt8, g: UInt8, b: UInt8, a: UInt8)] {
        withUnsafeBytes(of: palette) { palette in
            (0..<256).map { index in
                if index == Int(transparent_index) { return (0, 0, 0, 0) }
                guard index < Int(color_count) else { return (0, 0, 0, 255) }
                return (palette[index * 3], palette[index * 3 + 1], palette[index * 3 + 2], 255)
            }
        }
    }
}
