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
        let motion = MotionRenderer(plan: plan, settings: settings, isCancelled: isCancelled)
        let animations = try motion.animations(file)
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
            if !step.renditions.isEmpty { outputs += try encode(raster, step, animation: animations[index]) }
            if step.isPlaceholder {
                let small = raster.unpremultiplied().convertedToRGB()
                placeholder = (ThumbHash.hash(of: small), small.dominantColor)
            }
        }
        if let clip = plan.clip { outputs.append((clip.rendition, [try motion.clip(file, clip)])) }
        outputs.sort { $0.number < $1.number }
        return RenderResult(placeholder: placeholder!.hash, color: placeholder!.color, renditions: outputs.flatMap(\.renditions))
    }

    private func isNeeded(_ source: Int, after index: Int) -> Bool {
        plan.steps.indices.contains { $0 > index && plan.steps[$0].source == source }
    }

    private func checkCancelled() throws {
        if isCancelled() { throw CancellationError() }
    }

    /// The rasters that are made from the decoded picture; that itself is gone when this returns.
    private func decodedSteps(_ file: ImageFile) throws -> [Raster?] {
        try checkCancelled()
        let decoded = try DecodedPicture(file, info: plan.info, atLeast: plan.decodedAtLeast)
        try checkCancelled()
        return try plan.steps.map { step in
            guard step.source == nil else { return nil }
            try checkCancelled()
            return try decoded.upright(step.placement, staysRGB: plan.staysRGB)
        }
    }

    /// - Parameter animation: the step's WebP, where it is one that moves.
    private func encode(_ raster: Raster, _ step: CascadeStep, animation: [UInt8]?) throws -> [(number: Int, renditions: [Rendition])] {
        var encoded: [OutputFormat: [UInt8]] = [:]
        encoded[.webp] = animation
        let formats = Set(step.renditions.flatMap { plan.renditions[$0].formats })
        let straight = formats == [.jpeg] ? raster : raster.unpremultiplied()
        for format in OutputFormat.allCases where formats.contains(format) && encoded[format] == nil {
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

extension PipelineSettings {
    func encoding(isFlatArt: Bool) -> EncodingSettings {
        var settings = EncodingSettings()
        settings.jpegQuality = jpegQuality
        settings.webpQuality = webpQuality
        settings.webpMethod = webpMethod
        settings.avifQuality = avifQuality
        settings.isFlatArt = isFlatArt
        return settings
    }
}
