import Imaging

/// What is to be done to a picture on its way out: one validated value, parsed once from a URL's path segment
/// (docs/TRANSFORMS.md has the grammar) and printed back in one canonical form.
///
/// However they were written, the operations are carried out in one fixed order: orientation of the file, `rotate`, `flip`,
/// `crop`, `trim`, resizing (`fit`, `w`, `h`, `dpr`, `enlarge`, `g`), `blur`, `sharpen`, `bg`, padding, `wm`.
public struct TransformOperations: Sendable, Hashable, Codable {
    /// How the picture is brought to the box of `width` and `height`.
    public enum Fit: String, Sendable, CaseIterable, Codable {
        /// The whole picture within the box.
        case fit
        /// The box filled, what stands over cut away; the result always has the box's aspect.
        case fill
        /// As a preset's `crop`: the box filled, and a side that the picture is too short for stays short.
        case crop
        /// The whole picture within the box, and the box filled up around it.
        case pad
    }

    /// A rectangle of the upright picture, in its pixels.
    public struct Area: Sendable, Hashable, Codable {
        public let x: Int
        public let y: Int
        public let width: Int
        public let height: Int
    }

    /// Another media item laid over the result.
    public struct Watermark: Sendable, Hashable, Codable {
        /// A UUID in lower case.
        public let mediaID: String
        /// 0 to 1.
        public var opacity = 1.0
        public var position = Gravity.Point.southEast
        /// The part of the result's width and height that the watermark fits in, 0 to 1; never enlarged.
        public var scale = 0.25
    }

    /// A preset whose box and mode hold where the operations say nothing else.
    public var preset: String?
    public var fit: Fit?
    /// CSS pixels; in the result times `pixelRatio`.
    public var width: Int?
    public var height: Int?
    public var pixelRatio = 1.0
    public var enlarges = false
    public var gravity = Gravity.point(.center)
    public var area: Area?
    /// Degrees clockwise: 0, 90, 180 or 270.
    public var rotation = 0
    public var flipsHorizontally = false
    public var flipsVertically = false
    /// A border of one colour is cut away; how far a sample may be from that colour, 0 to 255.
    public var trim: Int?
    /// Standard deviations in pixels of the result; 0 for none.
    public var blur = 0.0
    public var sharpen = 0.0
    /// Behind what is transparent and around what is padded.
    public var background: RGBColor?
    /// 1 to 100; nil for the format's setting.
    public var quality: Int?
    public var watermark: Watermark?
    /// Seconds since 1970 after which the address is no longer answered.
    public var expires: Int?

    public init() {}

    /// The same with the preset's box and mode written out, and without what has no effect on the picture's bytes: the form
    /// that results are known by.
    ///
    /// - Throws: `TransformError` where there is no such preset.
    public func resolved(presets: [Preset], limits: TransformLimits) throws(TransformError) -> TransformOperations {
        var result = self
        result.preset = nil
        result.expires = nil
        if let name = preset {
            guard let known = presets.first(where: { $0.name == name }) else { throw .unknownPreset(name) }
            if width == nil && height == nil {
                result.width = known.box.width
                result.height = known.box.height
            }
            if fit == nil { result.fit = known.mode == .crop ? .crop : .fit }
        }
        try limits.check(result)
        return result
    }

    /// The orientation that a picture stored with `stored` is shown by after `rotate` and `flip`.
    func orientation(after stored: Orientation) -> Orientation {
        let turn: Orientation =
            switch rotation {
            case 90: .right
            case 180: .down
            case 270: .left
            default: .up
            }
        return stored.followed(by: turn).followed(by: flipsHorizontally ? .upMirrored : .up)
            .followed(by: flipsVertically ? .downMirrored : .up)
    }
}

/// Where a cut or a padded picture is held.
public enum Gravity: Sendable, Hashable, Codable {
    case point(Point)
    /// A point of the picture that is kept as near the middle as can be; 0 to 1 of width and height.
    case focus(x: Double, y: Double)
    /// Where most is to be seen.
    case smart

    /// Nine points by the compass.
    public enum Point: String, Sendable, CaseIterable, Codable {
        case northWest = "nw"
        case north = "n"
        case northEast = "ne"
        case west = "w"
        case center = "c"
        case east = "e"
        case southWest = "sw"
        case south = "s"
        case southEast = "se"

        /// The share of the free room that lies before the picture, on both axes: 0, ½ or 1.
        public var share: (x: Double, y: Double) {
            let x = rawValue.contains("w") ? 0 : rawValue.contains("e") ? 1 : 0.5
            let y = rawValue.contains("n") ? 0 : rawValue.contains("s") ? 1 : 0.5
            return (x, y)
        }
    }
}
