import CHEIF
import Imaging

/// HEIC (HEIF with HEVC, ISO/IEC 23008-12) and AVIF, with libheif: the primary image.
///
/// libheif 1.15 gives planes of R, G and B, later ones the planes as they are coded; both are taken. A photo that is stored as a grid
/// of tiles, as phones do, is decoded tile by tile where it is to be made smaller (`HEIFGrid`).
enum HEIFDecoder: StillImageDecoder {
    static func readInfo(_ file: ImageFile) throws(CodecError) -> ImageInfo {
        try file.withBytes { (bytes) throws(CodecError) -> ImageInfo in
            let format = ImageFormat(sniffing: bytes) ?? .heic
            let image = try HEIFContext(bytes, format).primaryImage()
            let (grid, size) = try checkedGrid(bytes, image, format)
            let depth = heif_image_handle_get_luma_bits_per_pixel(image.handle)
            return ImageInfo(
                format: format, storedSize: grid?.size ?? size, orientation: grid?.orientation ?? .up, hasAlpha: image.hasAlpha,
                bitDepth: depth > 0 ? Int(depth) : 8, colorModel: .ycbcr, iccProfile: image.profile(), isProgressive: grid == nil,
                tileArea: grid?.tileArea)
        }
    }

    static func decode(_ file: ImageFile, info: ImageInfo, atLeast minimum: PixelSize) throws(CodecError) -> Raster {
        try file.withBytes { (bytes) throws(CodecError) -> Raster in
            let context = try HEIFContext(bytes, info.format)
            let image = try context.primaryImage()
            let (grid, size) = try checkedGrid(bytes, image, info.format)
            if let grid, grid.size == info.storedSize {
                return try grid.decode(info.format, color: image.color(), factor: HEIFGrid.factor(of: grid.size, atLeast: minimum))
            }
            guard size == info.storedSize else { throw .failed("the file is not the one that was probed") }
            let decoded = try image.decode(image.color())
            guard decoded.size == info.storedSize else {
                throw .corrupt(info.format, .init(.codedSize))
            }
            let raster = try decoded.raster(factor: image.hasAlpha ? 1 : BoxReduction.factor(from: size, atLeast: minimum))
            return image.isPremultiplied && raster.model != .ycbcr ? raster.unpremultiplied() : raster
        }
    }

    /// The picture's tiles, where it is stored in such, and its size as displayed; throws where a coded picture is larger than the file says.
    private static func checkedGrid(
        _ bytes: UnsafeRawBufferPointer, _ image: borrowing HEIFImage, _ format: ImageFormat
    ) throws(CodecError) -> (grid: HEIFGrid?, size: PixelSize) {
        guard let items = HEIFItems(bytes) else { throw .corrupt(format, .init(.items)) }
        let uncropped = image.uncroppedSize
        // The size that limits are checked against must not be a small cut of a gigantic picture.
        guard uncropped.width * uncropped.height / 2 <= image.size.area + 32_768 else {
            throw .unsupported(format, .init(.partOfLarger))
        }
        try HEIFCodedSize.check(items, primary: uncropped, format)
        let size = items.turnsBeforeSize ? PixelSize(width: image.size.height, height: image.size.width) : image.size
        return (image.hasAlpha ? nil : HEIFGrid(items), size)
    }

    static func workingBytes(_ info: ImageInfo, atLeast minimum: PixelSize) -> Int {
        // isProgressive: no grid; the whole picture is decoded at once.
        guard info.isProgressive else { return HEIFGrid.workingBytes(info, atLeast: minimum) }
        let bytesPerSample = info.bitDepth > 8 ? 2 : 1
        let alpha = info.hasAlpha ? 1 : 0
        let factor = info.hasAlpha ? 1 : BoxReduction.factor(from: info.storedSize, atLeast: minimum)
        // Measured a pixel of 8 bits: HEIC 5 (4:2:0) to 7 (4:4:4), AVIF 7 to 13: the codec's pictures and libheif's RGB.
        let decoded = info.storedSize.area * ((info.format == .avif ? 13 : 7) + 2 * alpha) * bytesPerSample
        return decoded + BoxReduction.reducedSize(of: info.storedSize, by: factor).area * (3 + alpha) + 4 << 20
    }
}
