import CPNG
import Imaging

/// PNG (W3C Recommendation, third edition): every colour type and depth, interlaced or not; of an APNG the default image.
///
/// Rows are decoded one after another and averaged as they come, so that memory depends on the size asked for. An
/// interlaced picture is the exception: its rows are complete only at its end.
enum PNGDecoder: StillImageDecoder {
    static func readInfo(_ file: ImageFile) throws(CodecError) -> ImageInfo {
        try file.withBytes { (bytes) throws(CodecError) -> ImageInfo in
            let reader = try Reader(bytes, readsRows: false)
            let header = reader.header
            let chunks = PNGChunks(bytes)
            let isGray = header.color_type & 2 == 0
            return ImageInfo(
                format: .png, storedSize: reader.size, orientation: chunks.exif.flatMap(EXIF.orientation(inTIFF:)) ?? .up,
                hasAlpha: header.has_alpha != 0, bitDepth: Int(header.bit_depth), colorModel: isGray ? .gray : .rgb,
                iccProfile: profile(header, isGray: isGray), frameCount: chunks.frameCount,
                isPalette: header.color_type & 1 != 0, isProgressive: header.is_interlaced != 0)
        }
    }

    static func decode(_ file: ImageFile, info: ImageInfo, atLeast minimum: PixelSize) throws(CodecError) -> Raster {
        try file.withBytes { (bytes) throws(CodecError) -> Raster in
            let reader = try Reader(bytes, readsRows: true)
            guard reader.size == info.storedSize else { throw .failed("the file is not the one that was probed") }
            let channels = Int(reader.header.channels)
            var reduction = BoxReduction(
                stored: reader.size, factor: BoxReduction.factor(from: reader.size, atLeast: minimum), channels: channels,
                hasAlpha: channels.isMultiple(of: 2))
            let rowBytes = reader.size.width * channels
            if reader.header.is_interlaced != 0 {
                let pixels = UnsafeMutablePointer<UInt8>.allocate(capacity: rowBytes * reader.size.height)
                defer { pixels.deallocate() }
                try reader.readImage(into: pixels, rowBytes: rowBytes)
                for y in 0..<reader.size.height { reduction.add(pixels + y * rowBytes) }
            } else {
                let row = UnsafeMutablePointer<UInt8>.allocate(capacity: rowBytes)
                defer { row.deallocate() }
                for _ in 0..<reader.size.height {
                    try reader.readRow(into: row)
                    reduction.add(row)
                }
            }
            return reduction.finish(channels < 3 ? .gray : .rgb)
        }
    }

    static func workingBytes(_ info: ImageInfo, atLeast minimum: PixelSize) -> Int {
        let channels = (info.colorModel == .gray ? 1 : 3) + (info.hasAlpha ? 1 : 0)
        let factor = BoxReduction.factor(from: info.storedSize, atLeast: minimum)
        let result = BoxReduction.reducedSize(of: info.storedSize, by: factor).area * channels
        // libpng keeps two rows as stored, we one; sums are 4 bytes a sample; zlib's window and libpng's state are small.
        let rows = info.storedSize.width * channels * (2 * 2 + 1 + 4)
        if info.isProgressive { return result + rows + info.storedSize.area * channels + fixed }
        // As it is stored and inflated at once: beside what is compressed, which is not more, and beside the result afterwards. Alpha may be
        // a channel, or one colour that is transparent.
        func inflated(_ channels: Int) -> Int { info.storedSize.height * (1 + (info.storedSize.width * channels * info.bitDepth + 7) / 8) }
        let colors = info.isPalette || info.colorModel == .gray ? 1 : 3
        guard inflated(colors) <= cpng_inflated_at_once else { return result + rows + fixed }
        let pixels = min(cpng_inflated_at_once, inflated(info.isPalette ? 1 : channels))
        return pixels + max(pixels, result + rows) + fixed
    }

    private static let fixed = 256 << 10

    /// What the file says of its colours, most telling first (PNG 4.3): iCCP, sRGB, then gAMA with cHRM.
    private static func profile(_ header: cpng_header, isGray: Bool) -> [UInt8]? {
        if let icc = header.icc { return Array(UnsafeBufferPointer(start: icc, count: Int(header.icc_size))) }
        guard header.is_srgb == 0, header.gamma > 0 else { return nil }
        let c = header.chromaticities
        let points = [c.0, c.1, c.2, c.3, c.4, c.5, c.6, c.7].map { Double($0) / 100_000 }
        let primaries = points[1] == 0 ? ICCProfile.Primaries.bt709 : ICCProfile.Primaries(points)
        return ICCProfile.make(primaries: primaries, exponent: 100_000 / Double(header.gamma), isGray: isGray)
    }
}

extension PNGDecoder {
    /// One libpng reader on bytes that outlive it.
    private struct Reader: ~Copyable {
        let header: cpng_header
        let size: PixelSize
        private let reader: OpaquePointer

        init(_ bytes: UnsafeRawBufferPointer, readsRows: Bool) throws(CodecError) {
            var header = cpng_header()
            var reader: OpaquePointer?
            var message = [CChar](repeating: 0, count: 128)
            let status = cpng_open(
                bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, readsRows ? 1 : 0, &reader, &header, &message)
            guard status == cpng_ok, let reader else {
                throw PNGDecoder.error(status, message.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
            }
            self.reader = reader
            self.header = header
            size = PixelSize(width: Int(header.width), height: Int(header.height))
        }

        deinit { cpng_close(reader) }

        func readRow(into row: UnsafeMutablePointer<UInt8>) throws(CodecError) {
            try check(cpng_read_row(reader, row))
        }

        func readImage(into pixels: UnsafeMutablePointer<UInt8>, rowBytes: Int) throws(CodecError) {
            try check(cpng_read_image(reader, pixels, rowBytes))
        }

        private func check(_ status: cpng_status) throws(CodecError) {
            if status != cpng_ok { throw PNGDecoder.error(status, String(cString: cpng_message(reader))) }
        }
    }

    private static func error(_ status: cpng_status, _ message: String) -> CodecError {
        switch status {
        case cpng_truncated: .truncated(.png)
        case cpng_corrupt: .corrupt(.png, FileFlaw(libpng: message))
        default: .noMemory
        }
    }
}
