import CJPEG
import Imaging

/// JPEG (ISO/IEC 10918-1) by libjpeg-turbo: baseline, extended, progressive and arithmetic, 8 bits; gray, YCbCr of any
/// sampling, RGB, CMYK and YCCK.
///
/// Gray and YCbCr come as they are coded, plane by plane: no upsampling, no colour conversion. The inverse transform
/// scales while it decodes.
enum JPEGDecoder: StillImageDecoder {
    static func readInfo(_ file: ImageFile) throws(CodecError) -> ImageInfo {
        try file.withBytes { (bytes) throws(CodecError) -> ImageInfo in
            let header = try Reader(bytes).header
            let segments = JPEGSegments(bytes)
            return ImageInfo(
                format: .jpeg, storedSize: header.size, orientation: segments.orientation ?? .up, colorModel: header.colorModel,
                iccProfile: segments.iccProfile, isProgressive: header.is_progressive != 0)
        }
    }

    static func decode(_ file: ImageFile, info: ImageInfo, atLeast minimum: PixelSize) throws(CodecError) -> Raster {
        try file.withBytes { (bytes) throws(CodecError) -> Raster in
            let reader = try Reader(bytes)
            let stored = reader.header.size
            guard stored == info.storedSize else { throw .failed("the file is not the one that was probed") }
            let planes = try reader.planes(scale(of: info, atLeast: minimum))
            return Raster(size: planes[0].size, model: reader.header.colorModel, planes: planes)
        }
    }

    static func workingBytes(_ info: ImageInfo, atLeast minimum: PixelSize) -> Int {
        let channels = info.colorModel.planeCount
        let scale = scale(of: info, atLeast: minimum)
        let luma = scaled(info.storedSize, by: scale.eighths).area
        // Not subsampled at worst.
        let chroma = cjpeg_scales_chroma() != 0 ? scaled(info.storedSize, by: scale.chromaEighths).area : luma
        let raster = luma + chroma * (channels - 1)
        // Two bytes a coefficient of every component, none subsampled at worst.
        let coefficients = info.isProgressive ? info.storedSize.area * channels * 2 : 0
        // Block rows of the widest sampling and libjpeg's tables.
        return raster + coefficients + info.storedSize.width * 64 + (1 << 18)
    }

    /// The smallest scale of 1/8, 2/8, 4/8 and 8/8 that leaves at least `minimum`. The others are not taken: they have no
    /// vector code in libjpeg-turbo, so 3/8 takes longer than 4/8 does, and has less to resample from.
    static func eighths(from stored: PixelSize, atLeast minimum: PixelSize) -> Int {
        [1, 2, 4].first {
            let size = scaled(stored, by: $0)
            return size.width >= minimum.width && size.height >= minimum.height
        } ?? 8
    }

    /// By how much luma and chroma are scaled, in eighths.
    struct Scale: Equatable {
        let eighths: Int
        let chromaEighths: Int
    }

    /// Luma comes at least twice as large as it is wanted, where the file has that: scaling leaves something out of each block for
    /// itself, which shows when little is resampled after it. Chroma is wanted at half the size of luma, and comes at least at that.
    static func scale(of info: ImageInfo, atLeast minimum: PixelSize) -> Scale {
        let chroma = eighths(from: info.storedSize, atLeast: minimum)
        guard info.colorModel == .ycbcr || info.colorModel == .gray else { return Scale(eighths: chroma, chromaEighths: chroma) }
        let twice = PixelSize(width: minimum.width * 2, height: minimum.height * 2)
        return Scale(eighths: eighths(from: info.storedSize, atLeast: twice), chromaEighths: chroma)
    }

    /// libjpeg rounds up.
    static func scaled(_ stored: PixelSize, by eighths: Int) -> PixelSize {
        PixelSize(width: (stored.width * eighths + 7) / 8, height: (stored.height * eighths + 7) / 8)
    }
}

extension cjpeg_header {
    fileprivate var size: PixelSize { PixelSize(width: Int(width), height: Int(height)) }
    fileprivate var colorModel: ColorModel {
        switch model {
        case cjpeg_gray: .gray
        case cjpeg_rgb: .rgb
        case cjpeg_cmyk: .cmyk
        default: .ycbcr
        }
    }
}

extension JPEGDecoder {
    /// One pass over one file. The bytes must outlive it.
    fileprivate final class Reader {
        let header: cjpeg_header
        private let reader: OpaquePointer

        init(_ bytes: UnsafeRawBufferPointer) throws(CodecError) {
            guard let base = bytes.baseAddress else { throw .truncated(.jpeg) }
            var reader: OpaquePointer?
            var header = cjpeg_header()
            var message = [CChar](repeating: 0, count: Int(CJPEG_MESSAGE))
            let status = cjpeg_open(base.assumingMemoryBound(to: UInt8.self), bytes.count, &reader, &header, &message)
            guard status == cjpeg_ok, let reader else { throw CodecError(status, message: message) }
            self.reader = reader
            self.header = header
        }

        deinit { cjpeg_close(reader) }

        /// Whether the entropy-coded data were read by the reader of our own.
        var readsScan: Bool { cjpeg_reads_scan(reader) != 0 }

        func planes(_ scale: Scale) throws(CodecError) -> [Plane] {
            var layouts = [cjpeg_plane](repeating: cjpeg_plane(), count: 4)
            try check(cjpeg_start(reader, Int32(scale.eighths), Int32(scale.chromaEighths), &layouts))
            layouts.removeLast(4 - Int(header.components))
            var bases: [UnsafeMutablePointer<UInt8>?] = [nil, nil, nil, nil]
            var status = cjpeg_ok
            // libjpeg fills all planes in one call, so the arrays are made inside one another: none is cleared first or copied.
            func samples(from index: Int) -> [[UInt8]] {
                guard index < layouts.count else {
                    status = cjpeg_read(reader, bases)
                    return []
                }
                let layout = layouts[index]
                var others: [[UInt8]] = []
                // Whole blocks are written; those below the picture are left out of the array's count.
                let own = [UInt8](unsafeUninitializedCapacity: Int(layout.stride) * Int(layout.rows)) { buffer, count in
                    bases[index] = buffer.baseAddress
                    others = samples(from: index + 1)
                    count = status == cjpeg_ok ? Int(layout.stride) * Int(layout.height) : 0
                }
                return [own] + others
            }
            let samples = samples(from: 0)
            try check(status)
            return zip(layouts, samples).map { layout, samples in
                Plane(width: Int(layout.width), height: Int(layout.height), stride: Int(layout.stride), samples: samples)
            }
        }

        private func check(_ status: cjpeg_status) throws(CodecError) {
            guard status == cjpeg_ok else { throw CodecError(status, message: String(cString: cjpeg_message(reader))) }
        }
    }
}

extension ImageDecoder {
    /// Whether the entropy-coded data of a JPEG are read, to their end, by the reader of our own. Pictures do not tell: libjpeg's makes the
    /// same of them in more time.
    package static func readsJPEGItself(_ file: ImageFile) throws(CodecError) -> Bool {
        try file.withBytes { (bytes) throws(CodecError) -> Bool in
            let reader = try JPEGDecoder.Reader(bytes)
            _ = try reader.planes(JPEGDecoder.Scale(eighths: 8, chromaEighths: 8))
            return reader.readsScan
        }
    }
}

extension CodecError {
    init(_ status: cjpeg_status, message: [CChar]) {
        self.init(status, message: message.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
    }

    init(_ status: cjpeg_status, message: String) {
        switch status {
        case cjpeg_truncated: self = .truncated(.jpeg)
        case cjpeg_corrupt: self = .corrupt(.jpeg, FileFlaw(libjpeg: message, isUnsupported: false))
        case cjpeg_unsupported: self = .unsupported(.jpeg, FileFlaw(libjpeg: message, isUnsupported: true))
        default: self = .noMemory
        }
    }
}
