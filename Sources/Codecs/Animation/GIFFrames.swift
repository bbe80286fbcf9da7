import CGIF
import Imaging

/// A GIF's frames composed as browsers do it: what a frame leaves is transparent, not the background colour, and what it draws
/// beyond the screen is cut off.
struct GIFFrames: AnimationFrames, ~Copyable {
    private let reader: GIFReader
    private let screen: PixelSize
    /// R, G, B, A in memory's order.
    private var canvas: [UInt32]
    private var drawn: Drawn?

    /// A frame that was drawn, and how it goes.
    private struct Drawn {
        let columns: Range<Int>
        let rows: Range<Int>
        let disposal: Disposal
        /// What was below it, where that comes back.
        let below: [UInt32]
    }

    /// GIF89a section 23.
    private enum Disposal {
        case stays
        case clears
        case restores

        /// 4 is what some writers mean 3 by.
        init(_ code: Int32) {
            switch code {
            case 2: self = .clears
            case 3, 4: self = .restores
            default: self = .stays
            }
        }
    }

    /// A frame may have so many times the picture's pixels: more is nothing but work.
    private static let largestFrame = 2

    init(_ bytes: UnsafeRawBufferPointer, size: PixelSize) throws(CodecError) {
        let reader = try GIFReader(bytes)
        guard reader.screen == size else { throw .failed("the file is not the one that was probed") }
        self.reader = reader
        screen = size
        canvas = [UInt32](repeating: 0, count: size.area)
    }

    mutating func next() throws(CodecError) -> Int? {
        guard let header = try drawn == nil ? reader.header : reader.next() else { return nil }
        guard Int(header.frame_width) * Int(header.frame_height) <= screen.area * Self.largestFrame else {
            throw .corrupt(.gif, .init(.frameTooLarge))
        }
        dispose()
        let columns = Self.span(header.frame_left, header.frame_width, within: screen.width)
        let rows = Self.span(header.frame_top, header.frame_height, within: screen.height)
        let disposal = Disposal(header.disposal)
        drawn = Drawn(columns: columns, rows: rows, disposal: disposal, below: disposal == .restores ? copy(columns, rows) : [])
        try draw(header, columns)
        return AnimationInfo.shownMilliseconds(Int(header.delay) * 10)
    }

    func withPixels(_ body: (UnsafePointer<UInt8>) -> Void) {
        canvas.withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: UInt8.self)) }
    }

    private static func span(_ start: Int32, _ length: Int32, within limit: Int) -> Range<Int> {
        min(Int(start), limit)..<min(Int(start) + Int(length), limit)
    }

    private func copy(_ columns: Range<Int>, _ rows: Range<Int>) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(columns.count * rows.count)
        for y in rows { result += canvas[y * screen.width + columns.lowerBound..<y * screen.width + columns.upperBound] }
        return result
    }

    private mutating func dispose() {
        guard let drawn, drawn.disposal != .stays else { return }
        let (width, columns) = (screen.width, drawn.columns)
        canvas.withUnsafeMutableBufferPointer { canvas in
            for (number, y) in drawn.rows.enumerated() {
                for x in columns {
                    canvas[y * width + x] = drawn.disposal == .clears ? 0 : drawn.below[number * columns.count + x - columns.lowerBound]
                }
            }
        }
    }

    private mutating func draw(_ header: cgif_header, _ columns: Range<Int>) throws(CodecError) {
        let colors = header.colors.map { color in
            UInt32(littleEndian: UInt32(color.r) | UInt32(color.g) << 8 | UInt32(color.b) << 16 | UInt32(color.a) << 24)
        }
        let (width, height, top, left) = (Int(header.frame_width), Int(header.frame_height), Int(header.frame_top), Int(header.frame_left))
        var line = [UInt8](repeating: 0, count: width)
        let passes = header.is_interlaced != 0 ? GIFReader.interlacedPasses : [(first: 0, step: 1)]
        for pass in passes {
            for y in stride(from: pass.first, to: height, by: pass.step) {
                try line.withUnsafeMutableBufferPointer { (line) throws(CodecError) in try reader.readLine(into: line.baseAddress!) }
                guard top + y < screen.height else { continue }
                paint(line, columns, row: top + y, left: left, colors, transparent: Int(header.transparent_index))
            }
        }
    }

    private mutating func paint(
        _ line: [UInt8], _ columns: Range<Int>, row: Int, left: Int, _ colors: [UInt32], transparent: Int
    ) {
        let start = row * screen.width
        canvas.withUnsafeMutableBufferPointer { canvas in
            line.withUnsafeBufferPointer { line in
                colors.withUnsafeBufferPointer { colors in
                    for x in columns {
                        let index = Int(line[x &- left])
                        if index != transparent { canvas[start &+ x] = colors[index] }
                    }
                }
            }
        }
    }
}
