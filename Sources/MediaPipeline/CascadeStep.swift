import Imaging

/// One raster of the cascade: what it is made from and what it is for.
public struct CascadeStep: Sendable, Equatable {
    /// The step whose raster is read; nil for the decoded picture.
    public let source: Int?
    /// In display axes; in the pixels of the source step, or of the whole picture where that is the source.
    public let placement: Placement
    /// Renditions (by their number in the plan) that are written from it.
    public let renditions: [Int]
    /// Whether the placeholder and the dominant colour are computed from it.
    public let isPlaceholder: Bool

    /// A step reads another only where it reduces that by this much at least: a slight reduction of what was already
    /// resampled would blur twice.
    static let leastReduction = 1.5

    /// The steps for some placements in the whole picture and for the placeholder. Equal placements share a step.
    static func cascade(display: PixelSize, placements: [Placement]) -> [CascadeStep] {
        let box = PixelSize(width: ThumbHash.longestSide, height: ThumbHash.longestSide)
        let placeholder = Placement.placing(display, in: box, mode: .fit)
        var wanted: [Placement] = []
        for placement in placements + [placeholder] where !wanted.contains(placement) { wanted.append(placement) }
        // Whole pictures, large before small, then cuts, which nothing else can be made from.
        let whole = PixelRect(of: display)
        wanted.sort { a, b in
            (a.source == whole) != (b.source == whole) ? a.source == whole : a.target.area > b.target.area
        }

        let sources = wanted.indices.map { index in
            (0..<index).last {
                wanted[$0].source == whole && reduction(from: wanted[$0].target, to: wanted[index], display) >= leastReduction
            }
        }
        // What reads the decoded picture comes first, so that it can be let go early.
        let order = wanted.indices.filter { sources[$0] == nil } + wanted.indices.filter { sources[$0] != nil }
        return order.map { index in
            let placement = wanted[index]
            let source = sources[index]
            return CascadeStep(
                source: source.map { order.firstIndex(of: $0)! },
                placement: source.map { placement.scaled(from: display, to: wanted[$0].target) } ?? placement,
                renditions: placements.indices.filter { placements[$0] == placement }, isPlaceholder: placement == placeholder)
        }
    }

    /// The steps down to some renditions and to the placeholder, from the same rasters as among all.
    /// - Parameter numbers: of the renditions in `steps`; each gets its place in here for its number.
    static func only(_ numbers: [Int], of steps: [CascadeStep]) -> [CascadeStep] {
        func renditions(_ step: CascadeStep) -> [Int] { numbers.indices.filter { step.renditions.contains(numbers[$0]) } }
        var kept = Set(steps.indices.filter { steps[$0].isPlaceholder || !renditions(steps[$0]).isEmpty })
        for index in steps.indices.reversed() where kept.contains(index) { if let source = steps[index].source { kept.insert(source) } }
        let order = kept.sorted()
        return order.map { index in
            CascadeStep(
                source: steps[index].source.map { order.firstIndex(of: $0)! }, placement: steps[index].placement,
                renditions: renditions(steps[index]), isPlaceholder: steps[index].isPlaceholder)
        }
    }

    /// The size, in display axes, that leaves every step from the decoded picture something to reduce.
    static func decodedAtLeast(display: PixelSize, steps: [CascadeStep]) -> PixelSize {
        var scale = 0.0
        for step in steps where step.source == nil {
            let placement = step.placement
            scale = max(
                scale, Double(placement.target.width) / placement.source.width, Double(placement.target.height) / placement.source.height)
        }
        func side(_ length: Int) -> Int { max(1, min(length, Int((Double(length) * scale).rounded(.up)))) }
        return PixelSize(width: side(display.width), height: side(display.height))
    }

    /// By how much a placement in the picture reduces a raster of the whole picture; the lesser of both axes, of which one
    /// that is a single pixel says nothing.
    private static func reduction(from raster: PixelSize, to placement: Placement, _ display: PixelSize) -> Double {
        let scaled = placement.scaled(from: display, to: raster)
        let x = scaled.source.width / Double(scaled.target.width)
        let y = scaled.source.height / Double(scaled.target.height)
        if placement.target.width == 1 { return y }
        if placement.target.height == 1 { return x }
        return min(x, y)
    }
}

extension Placement {
    /// The same part of the picture, in the pixels of a raster of another size.
    fileprivate func scaled(from size: PixelSize, to other: PixelSize) -> Placement {
        let x = Double(other.width) / Double(size.width)
        let y = Double(other.height) / Double(size.height)
        let rect = PixelRect(x: source.x * x, y: source.y * y, width: source.width * x, height: source.height * y)
        return Placement(source: rect, target: target)
    }
}
