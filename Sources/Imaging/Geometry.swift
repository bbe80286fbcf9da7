/// How a picture is brought to a box.
public enum ResizeMode: String, Sendable, Codable, CaseIterable {
    /// The whole picture within the box, aspect kept; never enlarged.
    case fit
    /// The box filled, aspect kept, what stands over cut away at the middle; never enlarged.
    case crop
}

/// What to take of a source and what size to give it.
public struct Placement: Sendable, Hashable {
    /// The part of the source, in source pixels.
    public let source: PixelRect
    /// The size of the result.
    public let target: PixelSize

    public init(source: PixelRect, target: PixelSize) {
        self.source = source
        self.target = target
    }

    /// Places a picture in a box.
    ///
    /// `fit`: the longer side (relative to the box) becomes the box's, the other is rounded to the nearest pixel, at
    /// least 1. `crop`: the result has the box's aspect and is cut from the middle; a picture smaller than the box on a
    /// side is cut to the box on that side only as far as it reaches, so nothing is ever enlarged.
    public static func placing(_ size: PixelSize, in box: PixelSize, mode: ResizeMode) -> Placement {
        let (width, height) = (Double(size.width), Double(size.height))
        switch mode {
        case .fit:
            let scale = min(1, Double(box.width) / width, Double(box.height) / height)
            let target = PixelSize(
                width: max(1, Int((width * scale).rounded())), height: max(1, Int((height * scale).rounded())))
            return Placement(source: PixelRect(of: size), target: target)
        case .crop:
            let scale = min(1, max(Double(box.width) / width, Double(box.height) / height))
            let target = PixelSize(
                width: max(1, min(box.width, Int((width * scale).rounded()))),
                height: max(1, min(box.height, Int((height * scale).rounded()))))
            let taken = (
                width: min(width, Double(target.width) / scale), height: min(height, Double(target.height) / scale)
            )
            let source = PixelRect(
                x: (width - taken.width) / 2, y: (height - taken.height) / 2, width: taken.width, height: taken.height)
            return Placement(source: source, target: target)
        }
    }
}
