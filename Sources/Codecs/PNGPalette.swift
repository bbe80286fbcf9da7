/// A picture as indices of at most 256 colours.
struct PNGPalette {
    /// R, G, B, A of each colour; those that are not opaque come first, so that tRNS is short.
    private(set) var entries: [UInt8]
    private(set) var translucentCount: Int
    /// One byte a pixel.
    private(set) var indices: [UInt8]

    /// Bits that an index needs: 1, 2, 4 or 8.
    var bitDepth: Int {
        switch entries.count / 4 {
        case ...2: 1
        case ...4: 2
        case ...16: 4
        default: 8
        }
    }

    /// Nil where there are more colours, or where the picture is gray or gray with alpha in so many that a palette gains nothing.
    /// - Parameter channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA, interleaved.
    init?(_ pixels: [UInt8], channels: Int) {
        var table = ColorTable()
        let count = pixels.count / channels
        var indices = [UInt8](repeating: 0, count: count)
        let fits = pixels.withUnsafeBufferPointer { pixels in
            indices.withUnsafeMutableBufferPointer { indices in
                for pixel in 0..<count {
                    guard let index = table.index(of: Self.color(pixels, at: pixel &* channels, channels)) else { return false }
                    indices[pixel] = index
                }
                return true
            }
        }
        guard fits, channels > 1 || table.colors.count <= 16 else { return nil }
        let order = table.colors.indices.sorted { (table.colors[$0] & 0xFF, $0) < (table.colors[$1] & 0xFF, $1) }
        entries = order.flatMap { index in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: table.colors[index] >> $0) } }
        translucentCount = table.colors.count { $0 & 0xFF != 255 }
        var places = [UInt8](repeating: 0, count: 256)
        for (place, index) in order.enumerated() { places[index] = UInt8(place) }
        for pixel in indices.indices { indices[pixel] = places[Int(indices[pixel])] }
        self.indices = indices
    }

    /// 0xRRGGBBAA.
    @inline(__always)
    private static func color(_ pixels: UnsafeBufferPointer<UInt8>, at offset: Int, _ channels: Int) -> UInt32 {
        let first = UInt32(pixels[offset])
        switch channels {
        case 1: return first &* 0x0101_0100 | 0xFF
        case 2: return first &* 0x0101_0100 | UInt32(pixels[offset &+ 1])
        default:
            let color = first << 24 | UInt32(pixels[offset &+ 1]) << 16 | UInt32(pixels[offset &+ 2]) << 8
            return color | (channels == 4 ? UInt32(pixels[offset &+ 3]) : 0xFF)
        }
    }

    /// Colours in the order they were met, found by hashing with open addresses.
    private struct ColorTable {
        private(set) var colors: [UInt32] = []
        /// Index into `colors` plus 1; 0 where free. Four times as many as colours can be, so probes are short.
        private var slots = [UInt16](repeating: 0, count: 1024)
        private var last: (color: UInt32, index: UInt8)?

        mutating func index(of color: UInt32) -> UInt8? {
            if let last, last.color == color { return last.index }
            var slot = Int((color &* 0x9E37_79B1) >> 22)
            while slots[slot] != 0 {
                let index = Int(slots[slot]) - 1
                if colors[index] == color {
                    last = (color, UInt8(index))
                    return UInt8(index)
                }
                slot = (slot + 1) & 1023
            }
            guard colors.count < 256 else { return nil }
            colors.append(color)
            slots[slot] = UInt16(colors.count)
            last = (color, UInt8(colors.count - 1))
            return UInt8(colors.count - 1)
        }
    }
}
