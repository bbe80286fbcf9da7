import Codecs
import Imaging

/// Carries out one plan on one thread.
package struct Renderer {
    private let plan: RenderPlan
    private let settings: PipelineSettings
    private let isCancelled: () -> Bool

    /// - Parameter isCancelled: asked between steps; true ends the render with `CancellationError`.
    package init(plan: RenderPlan, settings: PipelineSettings, isCancelled: @escaping () -> Bool) {
        self.plan = plan
        self.settings = settings
        self.isCancelled = isCancelled
    }

    /// Blocks until all is made.
    package func render(_ file: ImageFile) throws -> RenderResult {
        var rasters = try decodedSteps(file)
        var outputs: [(number: Int, renditions: [Rendition])] = []
        var placeholder: (hash: [UInt8], color: RGBColor)?
        for (index, step) in plan.steps.enumerated() {
            if let source = step.source {
                try checkCancelled()
                rasters[index] = rasters[source]!.resampled(step.placement)
            }
            // A raster lives until the last step that reads it is made.
            for (other, raster) in rasters.enumerated() where raster != nil && other < index && !isNeeded(other, after: index) {
                rasters[other] = nil
            }
            let raster = rasters[index]!
            if !step.renditions.isEmpty { outputs += try encode(raster, step) }
            if step.isPlaceholder {
                let small = raster.unpremultiplied().convertedToRGB()
                placeholder = (ThumbHash.hash(of: small), small.dominantColor)
            }
        }
        outputs.sort { $0.number < $1.number }
        return RenderResult(placeholder: placeholder!.hash, color: placeholder!.color, renditions: outputs.flatMap(\.renditions))
    }

    private func isNeeded(_ source: Int, after index: Int) -> Bool {
        plan.steps.indices.contains { $0 > index && plan.steps[$0].source == source }
    }

    private func checkCancelled() throws {
        if isCancelled() { throw CancellationError() }
    }

    /// The rasters that are made from the decoded picture, upright, in sRGB, colours premultiplied where there is alpha;
    /// the decoded picture itself is gone when this returns.
    private func decodedSteps(_ file: ImageFile) throws -> [Raster?] {
        try checkCancelled()
        var decoded = try ImageDecoder.decode(file, info: plan.info, atLeast: plan.decodedAtLeast)
        try checkCancelled()
        if decoded.alpha != nil {
            let light = decoded.model == .gray ? decoded : decoded.convertedToRGB()
            decoded = decoded.isTranslucent ? light.premultiplied() : decoded.droppingAlpha()
        }
        let converts = ICCConverter.needsConversion(profile: plan.info.iccProfile, model: decoded.model)
        // Decoders reduce by averaging.
        let averaged = Double(plan.info.storedSize.longSide) / Double(decoded.size.longSide)
        return try plan.steps.map { step in
            guard step.source == nil else { return nil }
            try checkCancelled()
            let placement = plan.storedPlacement(step.placement, decoded: decoded.size)
            var raster = decoded.resampled(
                placement, chroma: converts ? .full : .halved, turnedAfterwards: plan.info.orientation, averaged: averaged)
            if converts {
                raster = try ICCConverter.convert(raster.unpremultiplied(), profile: plan.info.iccProfile).premultiplied()
            }
            return inWorkingModel(raster).oriented(plan.info.orientation)
        }
    }

    /// Photographs go on as YCbCr 4:2:0, which the lossy encoders take as it is. What has alpha, flat art, and what a PNG
    /// is wanted of stays RGB.
    private func inWorkingModel(_ raster: Raster) -> Raster {
        let wantsPNG = plan.renditions.contains { $0.formats.contains(.png) }
        let staysRGB = raster.alpha != nil || plan.info.isPalette || wantsPNG
        return raster.model == .rgb && !staysRGB ? raster.convertedToYCbCr() : raster
    }

    private func encode(_ raster: Raster, _ step: CascadeStep) throws -> [(number: Int, renditions: [Rendition])] {
        var encoded: [OutputFormat: [UInt8]] = [:]
        let formats = Set(step.renditions.flatMap { plan.renditions[$0].formats })
        let straight = formats == [.jpeg] ? raster : raster.unpremultiplied()
        for format in OutputFormat.allCases where formats.contains(format) {
            try checkCancelled()
            // JPEG has no alpha: what is transparent becomes white, as on paper.
            let picture = format == .jpeg ? raster.flattened() : straight
            encoded[format] = try ImageEncoder.encode(picture, as: format, settings.encoding(isFlatArt: plan.info.isPalette))
        }
        return step.renditions.map { number in
            let planned = plan.renditions[number]
            return (
                number,
                planned.formats.map {
                    Rendition(preset: planned.preset.name, format: $0, size: planned.size, bytes: encoded[$0]!)
                }
            )
        }
    }
}

extension RenderPlan {
    /// A placement in the whole displayed picture, in the stored axes and the pixels of the raster that was decoded.
    func storedPlacement(_ placement: Placement, decoded: PixelSize) -> Placement {
        let stored = info.orientation.storedRect(of: placement.source, display: info.displaySize)
        let extent = ImageDecoder.extent(of: decoded, info: info)
        let x = extent.width / Double(info.storedSize.width)
        let y = extent.height / Double(info.storedSize.height)
        return Placement(
            source: PixelRect(x: stored.x * x, y: stored.y * y, width: stored.width * x, height: stored.height * y),
            target: info.orientation.swapsAxes ? placement.target.transposed : placement.target)
    }
}

extension PipelineSettings {
    fileprivate func encoding(isFlatArt: Bool) -> EncodingSettings {
        var settings = EncodingSettings()
        settings.jpegQuality = jpegQuality
        settings.webpQuality = webpQuality
        settings.webpMethod = webpMethod
        settings.avifQuality = avifQuality
        settings.isFlatArt = isFlatArt
        return settings
    }
}
