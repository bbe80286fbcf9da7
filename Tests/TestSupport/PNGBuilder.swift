/// Writes PNGs of any colour type and depth, uncompressed, for tests: what a decoder says can be compared with what was put in.
package struct PNGBuilder {
    package var width: Int
    package var height: Int
    package var depth = 8
    /// 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGB and alpha.
    package var colorType = 2
    package var isInterlaced = false
    /// Chunks between IHDR and IDAT.
    package var chunks: [(type: String, data: [UInt8])] = []
    package var chunksAfterPixels: [(type: String, data: [UInt8])] = []
    /// Of the compressed picture in each IDAT.
    package var chunkBytes = Int.max
    /// Of every row; above 4 there is none.
    package var filter: UInt8 = 0
    /// What is added to the checksum of the pixels (Adler-32).
    package var checksumError = 0
    /// Rows at the end that are not written.
    package var missingRows = 0
    /// Samples of a pixel, `depth` bits each.
    package var pixel: (_ x: Int, _ y: Int) -> [Int]

    package init(
        width: Int, height: Int, depth: Int = 8, colorType: Int = 2, isInterlaced: Bool = false,
        chunks: [(type: String, data: [UInt8])] = [], chunksAfterPixels: [(type: String, data: [UInt8])] = [],
        chunkBytes: Int = Int.max, pixel: @escaping (_ x: Int, _ y: Int) -> [Int]
    ) {
        (self.width, self.height, self.depth, self.colorType, self.isInterlaced) = (width, height, depth, colorType, isInterlaced)
        (self.chunks, self.chunksAfterPixels, self.chunkBytes, self.pixel) = (chunks, chunksAfterPixels, chunkBytes, pixel)
    }

    package func bytes() -> [UInt8] {
        let header = word(width) + word(height) + [UInt8(depth), UInt8(colorType), 0, 0, isInterlaced ? 1 : 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header) + chunks.flatMap { chunk($0.type, $0.data) }
            + pieces(zlib(rows())).flatMap { chunk("IDAT", $0) } + chunksAfterPixels.flatMap { chunk($0.type, $0.data) } + chunk("IEND", [])
    }

    private func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: min(chunkBytes, bytes.count)).map { Array(bytes[$0..<min(bytes.count - $0, chunkBytes) + $0]) }
    }

    private func rows() -> [UInt8] {
        let passes: [(Int, Int, Int, Int)] =
            isInterlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)] : [(0, 0, 1, 1)]
        var bytes: [UInt8] = []
        for (left, top, stepX, stepY) in passes where left < width {
            for y in stride(from: top, to: height - missingRows, by: stepY) {
                bytes.append(filter)
                bytes += packed(stride(from: left, to: width, by: stepX).flatMap { pixel($0, y) })
            }
        }
        return bytes
    }

    private func packed(_ samples: [Int]) -> [UInt8] {
        if depth == 16 { return samples.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } }
        let perByte = 8 / depth
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: samples.count, by: perByte) {
            var byte = 0
            for index in start..<start + perByte { byte = byte << depth | (index < samples.count ? samples[index] : 0) }
            bytes.append(UInt8(byte))
        }
        return bytes
    }

    /// RFC 1950 and 1951: stored blocks.
    private func zlib(_ data: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x78, 0x01]
        var (a, b) = (UInt32(1), UInt32(0))
        for byte in data {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        var start = 0
        repeat {
            let end = min(start + 65_535, data.count)
            let count = UInt16(end - start)
            result += [end == data.count ? 1 : 0, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
            result += data[start..<end]
            start = end
        } while start < data.count
        return result + word(Int(b << 16 | a) + checksumError)
    }

    private func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return word(data.count) + body + word(Int(Self.crc(body)))
    }

    private func word(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }

    /// W3C PNG, annex D.
    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
        }
        return ~crc
    }
}
