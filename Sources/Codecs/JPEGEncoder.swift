import CJPEG
import Imaging

/// Writes progressive JPEGs with 4:2:0 chroma, optimised Huffman tables and no metadata.
package enum JPEGEncoder {
    /// - Parameters:
    ///   - raster: `gray` becomes a one-component JPEG; other models become YCbCr 4:2:0 if they are not. Alpha is left out:
    ///     flatten before.
    ///   - quality: libjpeg's, 1 to 100.
    package static func encode(_ raster: Raster, quality: Int) throws(CodecError) -> [UInt8] {
        guard raster.size.longSide <= 65_535 else { throw .unsupported(.jpeg, .init(.side, 65_535)) }
        let coded = raster.model == .gray ? raster : raster.convertedToYCbCr(chroma: .halved)
        var picture = cjpeg_picture()
        picture.width = UInt32(coded.size.width)
        picture.height = UInt32(coded.size.height)
        picture.components = Int32(coded.planes.count)
        picture.quality = Int32(quality)
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = [CChar](repeating: 0, count: Int(CJPEG_MESSAGE))
        let planes = coded.planes
        // Gray hands its only plane out three times; one is read.
        let (first, second, third) = (planes[0], planes[planes.count > 1 ? 1 : 0], planes[planes.count > 2 ? 2 : 0])
        let status = first.samples.withUnsafeBufferPointer { y in
            second.samples.withUnsafeBufferPointer { u in
                third.samples.withUnsafeBufferPointer { v in
                    picture.planes = (y.baseAddress, u.baseAddress, v.baseAddress)
                    picture.strides = (first.stride, second.stride, third.stride)
                    return cjpeg_write(&picture, &bytes, &count, &message)
                }
            }
        }
        guard status == cjpeg_ok, let bytes else { throw CodecError(status, message: message) }
        defer { cjpeg_free(bytes) }
        return [UInt8](UnsafeBufferPointer(start: bytes, count: count))
    }
}
