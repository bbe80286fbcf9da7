import Codecs
import Imaging

/// A picture as its decoder gave it, from which upright parts in sRGB are made: colours premultiplied where there is alpha,
/// alpha left out where it says nothing.
struct DecodedPicture {
    let info: ImageInfo
    private let raster: Raster
    /// The part of the raster that the picture covers.
    private let extent: PixelRect
    private let converts: Bool
    /// By how much the decoder reduced; decoders reduce by averaging.
    private let averaged: Double

    /// - Parameter minimum: in stored axes.
    init(_ file: ImageFile, info: ImageInfo, atLeast minimum: PixelSize) throws(CodecError) {
        let decoded = try ImageDecoder.decode(file, info: info, atLeast: minimum)
        self.init(decoded, extent: ImageDecoder.extent(of: decoded.size, info: info), info: info)
    }

    /// A frame of an animation or of a video.
    init(_ frame: AnimationFrame, info: ImageInfo) { self.init(frame.raster, extent: frame.extent, info: info) }

    private init(_ raster: Raster, extent: PixelRect, info: ImageInfo) {
        self.info = info
        self.extent = extent
        var decoded = raster
        if decoded.alpha != nil {
            let light = decoded.model == .gray ? decoded : decoded.convertedToRGB()
            decoded = decoded.isTranslucent ? light.premultiplied() : decoded.droppingAlpha()
        }
        self.raster = decoded
        converts = ICCConverter.needsConversion(profile: info.iccProfile, model: decoded.model)
        averaged = Double(info.storedSize.longSide) / Double(decoded.size.longSide)
    }

    /// A part of the displayed picture, upright, in sRGB. Photographs come as YCbCr 4:2:0, which the lossy encoders take as it
    /// is; what has alpha and flat art stay RGB.
    ///
    /// - Parameters:
    ///   - placement: in the pixels of the whole displayed picture.
    ///   - staysRGB: for what is written as PNG.
    func upright(_ placement: Placement, staysRGB: Bool) throws(CodecError) -> Raster {
        var result = raster.resampled(
            stored(placement), chroma: converts ? .full : .halved, turnedAfterwards: info.orientation, averaged: averaged)
        if converts { result = try ICCConverter.convert(result.unpremultiplied(), profile: info.iccProfile).premultiplied() }
        if result.model == .rgb, result.alpha == nil, !info.isPalette, !staysRGB { result = result.convertedToYCbCr() }
        return result.oriented(info.orientation)
    }

    /// A placement in the whole displayed picture, in the stored axes and the pixels of the raster that was decoded.
    private func stored(_ placement: Placement) -> Placement {
        let stored = info.orientation.storedRect(of: placement.source, display: info.displaySize)
        let x = extent.width / Double(info.storedSize.width)
        let y = extent.height / Double(info.storedSize.height)
        return Placement(
            source: PixelRect(x: stored.x * x, y: stored.y * y, width: stored.width * x, height: stored.height * y),
            target: info.orientation.swapsAxes ? placement.target.transposed : placement.target)
    }
}
