import Imaging

/// WebP keeps YCbCr in studio range (luma 16–235, chroma 16–240 about 128), where a raster here has full range. The
/// matrix is the same.
enum WebPRange {
    static let lumaToStudio = table { 16 + $0 * 219 / 255 }
    static let chromaToStudio = table { 128 + ($0 - 128) * 224 / 255 }
    static let lumaToFull = table { ($0 - 16) * 255 / 219 }
    static let chromaToFull = table { 128 + ($0 - 128) * 255 / 224 }

    private static func table(_ value: (Double) -> Double) -> [UInt8] {
        (0...255).map { UInt8(max(0, min(255, value(Double($0)).rounded()))) }
    }

    /// Every sample through a table of 256, from rows of one stride to rows of another.
    static func map(
        _ source: UnsafePointer<UInt8>, stride: Int, to target: UnsafeMutablePointer<UInt8>, targetStride: Int, width: Int, height: Int,
        _ table: [UInt8]
    ) {
        table.withUnsafeBufferPointer { table in
            for y in 0..<height {
                let row = source + y * stride
                let output = target + y * targetStride
                for x in 0..<width { output[x] = table[Int(row[x])] }
            }
        }
    }

    /// Every sample through a table of 256.
    static func map(_ samples: inout [UInt8], _ table: [UInt8]) {
        table.withUnsafeBufferPointer { table in
            for index in samples.indices { samples[index] = table[Int(samples[index])] }
        }
    }
}
