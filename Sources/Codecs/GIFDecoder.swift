import CGIF
import Imaging

/// GIF87a and GIF89a: the first frame on its logical screen, transparent where the frame does not reach.
enum GIFDecoder: StillImageDecoder {
    static func readInfo(_ file: ImageFile) throws(CodecError) -> ImageInfo {
        try file.withBytes { (bytes) throws(CodecError) -> ImageInfo in
            let reader = try Reader(bytes)
            return ImageInfo(
                format: .gif, storedSize: reader.screen, hasAlpha: reader.hasAlpha, colorModel: .rgb,
                frameCount: frameCount(bytes), isPalette: true, isProgressive: reader.header.is_interlaced != 0)
        }
    }

    static func decode(_ file: ImageFile, info: ImageInfo, atLeast minimum: PixelSize) throws(CodecError) -> Raster {
        try file.withBytes { (bytes) throws(CodecError) -> Raster in
            let reader = try Reader(bytes)
            guard reader.screen == info.storedSize else { throw .failed("the file is not the one that was probed") }
            let (screen, header) = (reader.screen, reader.header)
            var reduction = BoxReduction(
                stored: screen, factor: BoxReduction.factor(from: screen, atLeast: minimum), channels: 4, hasAlpha: true)
            let colors = reader.colors()
            var lines = Lines(interlaced: header.is_interlaced != 0, width: Int(header.frame_width), height: Int(header.frame_height))
            let columns = Int(header.frame_left)..<Int(header.frame_left + header.frame_width)
            for y in 0..<screen.height {
                var row = [UInt8](repeating: 0, count: screen.width * 4)
                let line = y - Int(header.frame_top)
                if line >= 0 && line < Int(header.frame_height) {
                    let start = try lines.read(line, from: reader)
                    for x in columns {
                        let color = colors[Int(lines.indices[start + x - columns.lowerBound])]
                        (row[x * 4], row[x * 4 + 1], row[x * 4 + 2], row[x * 4 + 3]) = (color.0, color.1, color.2, color.3)
                    }
                }
                reduction.add(row)
            }
            return reduction.finish(.rgb)
        }
    }

    static func workingBytes(_ info: ImageInfo, atLeast minimum: PixelSize) -> Int {
        let factor = BoxReduction.factor(from: info.storedSize, atLeast: minimum)
        let result = BoxReduction.reducedSize(of: info.storedSize, by: factor).area * 4
        // A row as indices, as colours, and its sums; giflib's tables.
        let rows = info.storedSize.width * (1 + 4 + 16)
        return result + rows + (info.isProgressive ? info.storedSize.area : 0) + 128 << 10
    }

    /// Counts the image blocks (GIF89a section 20) by skipping over their sub-blocks; nothing is decoded.
    private static func frameCount(_ bytes: UnsafeRawBufferPointer) -> Int {
        func colorTableBytes(_ packed: UInt8) -> Int { packed & 0x80 == 0 ? 0 : 3 << (Int(packed & 7) + 1) }
        guard bytes.count > 13 else { return 1 }
        var offset = 13 + colorTableBytes(bytes[10])
        var frames = 0
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x21:
                offset += 2
            case 0x2C where offset + 9 < bytes.count:
                frames += 1
                offset += 11 + colorTableBytes(bytes[offset + 9])
            default:
                return max(1, frames)
            }
            while offset < bytes.count, bytes[offset] != 0 { offset += 1 + Int(bytes[offset]) }
            offset += 1
        }
        return max(1, frames)
    }
}

extension GIFDecoder {
    /// One giflib reader on bytes that outlive it.
    private struct Reader: ~Copyable {
        let header: cgif_header
        /// The logical screen, made larger where the first frame sticks out of it, as browsers do.
        let screen: PixelSize
        private let reader: OpaquePointer

        init(_ bytes: UnsafeRawBufferPointer) throws(CodecError) {
            var header = cgif_header()
            var reader: OpaquePointer?
            var message = [CChar](repeating: 0, count: 128)
            let status = cgif_open(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, &reader, &header, &message)
            guard status == cgif_ok, let reader else {
                throw GIFDecoder.error(status, message.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
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

        /// Red, green, blue and alpha of all 256 indices; those beyond the palette are black.
        func colors() -> [(UInt8, UInt8, UInt8, UInt8)] {
            withUnsafeBytes(of: header.palette) { palette in
                (0..<256).map { index in
                    if index == Int(header.transparent_index) { return (0, 0, 0, 0) }
                    guard index < Int(header.color_count) else { return (0, 0, 0, 255) }
                    return (palette[index * 3], palette[index * 3 + 1], palette[index * 3 + 2], 255)
                }
            }
        }

        func readLine(into line: UnsafeMutablePointer<UInt8>) throws(CodecError) {
            let status = cgif_read_line(reader, line)
            if status != cgif_ok { throw GIFDecoder.error(status, String(cString: cgif_message(reader))) }
        }
    }

    /// The frame's lines from top to bottom. An interlaced frame is read as a whole at the first line.
    private struct Lines {
        let interlaced: Bool
        let width: Int
        let height: Int
        private(set) var indices: [UInt8] = []

        init(interlaced: Bool, width: Int, height: Int) {
            self.interlaced = interlaced
            self.width = width
            self.height = height
        }

        /// Reads a line and returns where in `indices` it begins.
        /// - Precondition: lines are asked for in order, and none is skipped.
        mutating func read(_ y: Int, from reader: borrowing Reader) throws(CodecError) -> Int {
            if indices.isEmpty {
                indices = [UInt8](repeating: 0, count: interlaced ? width * height : width)
                if interlaced { try readInterlaced(reader) }
            }
            if interlaced { return y * width }
            try read(reader, at: 0)
            return 0
        }

        /// GIF89a appendix E: every 8th line from 0, every 8th from 4, every 4th from 2, every 2nd from 1.
        private mutating func readInterlaced(_ reader: borrowing Reader) throws(CodecError) {
            for (first, step) in [(0, 8), (4, 8), (2, 4), (1, 2)] {
                for y in stride(from: first, to: height, by: step) { try read(reader, at: y * width) }
            }
        }

        private mutating func read(_ reader: borrowing Reader, at offset: Int) throws(CodecError) {
            try indices.withUnsafeMutableBufferPointer { (indices) throws(CodecError) in
                try reader.readLine(into: indices.baseAddress! + offset)
            }
        }
    }

    private static func error(_ status: cgif_status, _ message: String) -> CodecError {
        switch status {
        case cgif_truncated: .truncated(.gif)
        case cgif_corrupt: .corrupt(.gif, message)
        default: .noMemory
        }
    }
}
