import Codecs
import Imaging

/// Makes what moves in a plan on one thread: every frame is decoded once, goes down the cascade, and into the encoder of each size.
struct MotionRenderer {
    let plan: RenderPlan
    let settings: PipelineSettings
    /// Asked at every frame; true ends the work with `CancellationError`.
    let isCancelled: () -> Bool

    /// The animated WebP of each step of the cascade that has one.
    func animations(_ file: ImageFile) throws -> [Int: [UInt8]] {
        guard let animation = plan.animation, let info = plan.info.animation else { return [:] }
        let made = plan.steps.indices.filter { plan.isAnimated($0) }
        let needed = plan.steps.indices.filter { step in made.contains { plan.isStep(step, neededFor: $0) } }
        guard !made.isEmpty else { return [:] }
        let encoding = settings.encoding(isFlatArt: plan.info.isPalette)
        var encoders: [Int: WebPAnimationEncoder] = [:]
        for step in made {
            encoders[step] = try WebPAnimationEncoder(size: plan.steps[step].placement.target, plays: info.plays, encoding)
        }
        let end = try AnimationDecoder.decode(file, info: plan.info, atLeast: plan.decodedAtLeast, every: animation.every) { frame in
            try checkCancelled()
            let picture = DecodedPicture(frame, info: plan.info)
            var rasters: [Int: Raster] = [:]
            for index in needed {
                let step = plan.steps[index]
                let above = step.source.map { rasters[$0]! }
                let raster = try above?.resampled(step.placement) ?? picture.upright(step.placement, staysRGB: true)
                rasters[index] = raster
                try encoders[index]?.add(raster.unpremultiplied(), at: frame.start)
            }
        }
        var files: [Int: [UInt8]] = [:]
        for step in made {
            try checkCancelled()
            // What an encoder holds is let go before the next one puts its file together.
            files[step] = try encoders.removeValue(forKey: step)!.finish(at: end)
        }
        return files
    }

    /// The preview of a video.
    func clip(_ file: ImageFile, _ clip: ClipPlan) throws -> Rendition {
        let encoder = try WebPAnimationEncoder(size: clip.placement.target, plays: 0, settings.encoding(isFlatArt: false))
        let end = try VideoClip.decode(
            file, info: plan.info, atLeast: clip.decodedAtLeast, duration: clip.preview.duration, interval: clip.preview.interval
        ) { frame in
            try checkCancelled()
            try encoder.add(DecodedPicture(frame, info: plan.info).upright(clip.placement, staysRGB: true), at: frame.start)
        }
        let planned = plan.renditions[clip.rendition]
        return Rendition(preset: planned.preset.name, format: .webp, size: planned.size, bytes: try encoder.finish(at: end))
    }

    private func checkCancelled() throws {
        if isCancelled() { throw CancellationError() }
    }
}

extension RenderPlan {
    /// Whether an animated WebP is written from a step.
    func isAnimated(_ step: Int) -> Bool {
        animation != nil && steps[step].renditions.contains { renditions[$0].formats.contains(.webp) }
    }

    /// Whether a step is another one, or what that is made from.
    func isStep(_ step: Int, neededFor other: Int) -> Bool {
        var next: Int? = other
        while let current = next {
            if current == step { return true }
            next = steps[current].source
        }
        return false
    }
}
