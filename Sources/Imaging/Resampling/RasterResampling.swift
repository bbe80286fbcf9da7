/// How many chroma samples a YCbCr raster gets for its luma samples.
public enum ChromaSampling: Sendable, Hashable {
    /// 4:4:4.
    case full
    /// 4:2:0: half on both axes, rounded up; sample 0 lies between luma samples 0 and 1.
    case halved

    func size(for luma: PixelSize) -> PixelSize {
        switch self {
        case .full: luma
        case .halved: PixelSize(width: (luma.width + 1) / 2, height: (luma.height + 1) / 2)
        }
    }
}

extension Raster {
    /// The part of this raster that `placement` takes, at its target size. Each plane is resampled alone, chroma straight
    /// from the sampling it has to the sampling that is wanted.
    ///
    /// A raster with alpha must be premultiplied (`premultiplied()`), or transparent pixels' colours bleed in.
    ///
    /// - Parameters:
    ///   - placement: in this raster's own pixels.
    ///   - chroma: the result's sampling where the model is `ycbcr`.
    ///   - orientation: what the result will be turned by afterwards. On an axis that this flips, halved chroma counts
    ///     its pairs from the far end, so that after the flip an odd side's last pair is the short one, as 4:2:0 has it.
    ///   - averaged: see `Plane.resampled`; not applied to Cb and Cr, which nobody sees sharply.
    public func resampled(
        _ placement: Placement, chroma: ChromaSampling = .halved, turnedAfterwards orientation: Orientation = .up,
        filter: ResamplingFilter = .lanczos3, averaged: Double = 1
    ) -> Raster {
        let target = placement.target
        let isSubsampled = model == .ycbcr
        // Luma, or all colours, with the alpha.
        var sharp = Plane.resampled(
            (isSubsampled ? Array(planes.prefix(1)) : planes) + (alpha.map { [$0] } ?? []), placement.source, to: target, filter: filter,
            averaged: averaged)
        let resampledAlpha = alpha == nil ? nil : sharp.removeLast()
        guard isSubsampled, let first = planes.dropFirst().first else {
            return Raster(size: target, model: model, planes: sharp, alpha: resampledAlpha)
        }
        func soft(_ planes: [Plane]) -> [Plane] {
            let rect = chromaRect(of: planes[0], placement: placement, chroma: chroma, orientation: orientation)
            return Plane.resampled(planes, rect, to: chroma.size(for: target), filter: filter, averaged: 1)
        }
        let colors = Array(planes.dropFirst())
        // A file may subsample Cb and Cr differently.
        let isAlike = colors.allSatisfy { $0.size == first.size }
        let softPlanes = isAlike ? soft(colors) : colors.flatMap { soft([$0]) }
        return Raster(size: target, model: model, planes: sharp + softPlanes, alpha: resampledAlpha)
    }

    private func chromaRect(of plane: Plane, placement: Placement, chroma: ChromaSampling, orientation: Orientation) -> PixelRect {
        let flips = orientation.storedFlips
        let (source, target, chromaSize) = (placement.source, placement.target, chroma.size(for: placement.target))
        let step = chroma == .halved ? 2 : 1
        let (startX, lengthX) = Self.chromaSpan(
            start: source.x, length: source.width, target: target.width, covered: chromaSize.width * step, flipped: flips.x)
        let (startY, lengthY) = Self.chromaSpan(
            start: source.y, length: source.height, target: target.height, covered: chromaSize.height * step, flipped: flips.y)
        let scaleX = Self.scale(of: plane.width, to: size.width)
        let scaleY = Self.scale(of: plane.height, to: size.height)
        return PixelRect(x: startX * scaleX, y: startY * scaleY, width: lengthX * scaleX, height: lengthY * scaleY)
    }

    /// The span of source pixels under chroma samples that cover `covered` ≥ `target` target pixels from one end.
    private static func chromaSpan(start: Double, length: Double, target: Int, covered: Int, flipped: Bool) -> (Double, Double) {
        let pixel = length / Double(target)
        let first = flipped ? target - covered : 0
        return (start + Double(first) * pixel, Double(covered) * pixel)
    }

    /// Chroma samples a pixel: subsampling by a whole number leaves `full / k` samples rounded up, the last of which reaches
    /// beyond the picture; so the scale is 1/k, not the ratio of the counts.
    static func scale(of count: Int, to full: Int) -> Double {
        for divisor in 1...8 where (full + divisor - 1) / divisor == count { return 1 / Double(divisor) }
        return Double(count) / Double(full)
    }
}

extension Orientation {
    /// Which of the stored axes the orientation runs backwards.
    var storedFlips: (x: Bool, y: Bool) {
        let steps = self.steps
        return steps.transpose ? (steps.flipY, steps.flipX) : (steps.flipX, steps.flipY)
    }

    /// Where a part of the displayed picture lies in the stored one.
    public func storedRect(of rect: PixelRect, display: PixelSize) -> PixelRect {
        let steps = self.steps
        let x = steps.flipX ? Double(display.width) - rect.x - rect.width : rect.x
        let y = steps.flipY ? Double(display.height) - rect.y - rect.height : rect.y
        return steps.transpose
            ? PixelRect(x: y, y: x, width: rect.height, height: rect.width)
            : PixelRect(x: x, y: y, width: rect.width, height: rect.height)
    }
}
