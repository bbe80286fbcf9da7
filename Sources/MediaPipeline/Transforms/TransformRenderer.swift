import Codecs
import Imaging

/// Carries out one transform on one thread: one decode, one resampling.
struct TransformRenderer {
    let plan: TransformPlan
    let settings: PipelineSettings
    /// Asked between steps; true ends the work with `CancellationError`.
    let isCancelled: () -> Bool

    private var operations: TransformOperations { plan.operations }

    /// Blocks until it is made.
    ///
    /// - Throws: `CodecError`, `TransformError`, `CancellationError`.
    func render(_ file: ImageFile, watermark: (file: ImageFile, info: ImageInfo)?) throws -> Rendition {
        try checkCancelled()
        var raster = try resized(file)
        try checkCancelled()
        raster = raster.blurred(sigma: operations.blur).sharpened(sigma: operations.sharpen)
        if operations.blur > 0 || operations.sharpen > 0 { try checkCancelled() }
        // JPEG has no alpha: what is transparent becomes white, as on paper.
        let background = operations.background ?? (plan.format == .jpeg ? RGBColor(r: 255, g: 255, b: 255) : nil)
        if let background, raster.alpha != nil { raster = raster.flattened(over: background) }
        raster = try padded(raster, background)
        if let watermark, let mark = operations.watermark {
            raster = try overlaid(raster, mark, watermark)
            try checkCancelled()
        }
        let bytes = try ImageEncoder.encode(raster.unpremultiplied(), as: plan.format, encoding)
        return Rendition(preset: operations.preset ?? "", format: plan.format, size: raster.size, bytes: bytes)
    }

    private func resized(_ file: ImageFile) throws -> Raster {
        let decoded = try DecodedPicture(file, info: plan.info, atLeast: plan.decodedAtLeast)
        try checkCancelled()
        var region = plan.region
        if let threshold = operations.trim {
            let whole = PixelSize(width: Int(region.width), height: Int(region.height))
            let inner = try decoded.upright(Placement(source: region, target: whole), staysRGB: true).withoutBorder(threshold: threshold)
            region = PixelRect(x: region.x + inner.x, y: region.y + inner.y, width: inner.width, height: inner.height)
            try checkCancelled()
        }
        let size = PixelSize(width: Int(region.width), height: Int(region.height))
        let layout = try self.layout(size)
        var failure: CodecError?
        var cut = layout.cut(operations.gravity, region: size) { width, height in
            do throws(CodecError) {
                let box = PixelSize(width: Saliency.longestSide, height: Saliency.longestSide)
                let small = Placement.placing(size, in: box, mode: .fit).target
                return Saliency(try decoded.upright(Placement(source: region, target: small), staysRGB: true)).bestCut(
                    width: width, height: height)
            } catch {
                failure = error
                return (0.5, 0.5)
            }
        }
        if let failure { throw failure }
        cut.x += region.x
        cut.y += region.y
        return try decoded.upright(Placement(source: cut, target: layout.target), staysRGB: plan.format == .png)
    }

    private func layout(_ region: PixelSize) throws -> TransformLayout {
        try plan.layout ?? TransformLayout(operations, region: region, limits: plan.limits)
    }

    private func padded(_ raster: Raster, _ background: RGBColor?) throws -> Raster {
        guard operations.fit == .pad else { return raster }
        let layout = try plan.layout ?? paddedLayout(raster.size)
        guard layout.canvas != raster.size else { return raster }
        let offset = layout.offset(operations.gravity)
        return raster.padded(to: layout.canvas, x: offset.x, y: offset.y, color: background)
    }

    /// The canvas of a picture that was trimmed and has its size already.
    private func paddedLayout(_ target: PixelSize) throws -> TransformLayout {
        try TransformLayout(operations, region: target, limits: plan.limits)
    }

    private func overlaid(
        _ raster: Raster, _ mark: TransformOperations.Watermark, _ source: (file: ImageFile, info: ImageInfo)
    ) throws -> Raster {
        let room = PixelSize(
            width: max(1, Int((Double(raster.size.width) * mark.scale).rounded())),
            height: max(1, Int((Double(raster.size.height) * mark.scale).rounded())))
        let placement = Placement.placing(source.info.displaySize, in: room, mode: .fit)
        let target = placement.target
        let minimum = source.info.orientation.swapsAxes ? target.transposed : target
        let picture = try DecodedPicture(source.file, info: source.info, atLeast: minimum).upright(placement, staysRGB: true)
        let share = mark.position.share
        return raster.overlaid(
            with: picture, x: Int((Double(raster.size.width - target.width) * share.x).rounded()),
            y: Int((Double(raster.size.height - target.height) * share.y).rounded()), opacity: mark.opacity)
    }

    private var encoding: EncodingSettings {
        var encoding = settings.encoding(isFlatArt: plan.info.isPalette && operations.quality == nil)
        encoding.webpMethod = settings.transformWebPMethod
        if let quality = operations.quality {
            encoding.jpegQuality = quality
            encoding.webpQuality = quality
            encoding.avifQuality = quality
        }
        return encoding
    }

    private func checkCancelled() throws {
        if isCancelled() { throw CancellationError() }
    }
}
