/// Why a transform cannot be done. Each case names the operation that it is about.
public enum TransformError: Error, Sendable, Hashable, Codable {
    case unknown(String)
    /// The value is not of the form that the operation takes.
    case malformed(operation: String, expected: String)
    case repeated(String)
    /// More than a limit allows.
    case overLimit(operation: String, allowed: String, setting: String)
    case unknownPreset(String)
    /// The area lies outside the picture.
    case outside(width: Int, height: Int)

    /// The operation's name as it stands in the address.
    public var operation: String {
        switch self {
        case .unknown(let name), .repeated(let name): name
        case .malformed(let operation, _), .overLimit(let operation, _, _): operation
        case .unknownPreset: "preset"
        case .outside: "crop"
        }
    }

    /// A sentence for whoever wrote the address.
    public var message: String {
        switch self {
        case .unknown: "There is no such operation."
        case .malformed(_, let expected): "Expected \(expected)."
        case .repeated: "Stands more than once."
        case .overLimit(_, let allowed, let setting): "More than the \(allowed) that the setting \(setting) allows."
        case .unknownPreset: "There is no preset of this name."
        case .outside(let width, let height): "Lies outside the picture, which has \(width)×\(height) pixels."
        }
    }
}

/// What a transform may ask for.
public struct TransformLimits: Sendable, Hashable, Codable {
    /// Pixels (width × height) of a result.
    public var pixels = 16_000_000
    /// Pixels of a result's side; what WebP's header can hold.
    public var side = Preset.longestSide
    /// The greatest standard deviation of `blur` and `sharpen`, in pixels.
    public var blur = 100
    public var pixelRatio = 4

    public init() {}

    /// - Throws: `TransformError.overLimit` for what is too much whatever the picture.
    func check(_ operations: TransformOperations) throws(TransformError) {
        if operations.pixelRatio > Double(pixelRatio) {
            throw .overLimit(operation: "dpr", allowed: "\(pixelRatio)", setting: "AGROVET_TRANSFORM_DPR")
        }
        for (name, sigma) in [("blur", operations.blur), ("sharpen", operations.sharpen)] where sigma > Double(blur) {
            throw .overLimit(operation: name, allowed: "\(blur)", setting: "AGROVET_TRANSFORM_BLUR")
        }
        let box = [("w", operations.width), ("h", operations.height)].map { ($0, $1.map { Double($0) * operations.pixelRatio }) }
        for (name, length) in box { if let length { try check(name, side: length) } }
        if let width = box[0].1, let height = box[1].1 { try check("w", area: width * height) }
    }

    /// - Throws: `TransformError.overLimit` for a result that came out too large.
    func check(resultWidth: Double, height: Double) throws(TransformError) {
        try check("w", side: resultWidth)
        try check("h", side: height)
        try check("w", area: resultWidth * height)
    }

    private func check(_ name: String, side length: Double) throws(TransformError) {
        if length > Double(side) { throw .malformed(operation: name, expected: "a result of at most \(side) pixels a side") }
    }

    private func check(_ name: String, area: Double) throws(TransformError) {
        if area > Double(pixels) { throw .overLimit(operation: name, allowed: "\(pixels) pixels", setting: "AGROVET_TRANSFORM_PIXELS") }
    }
}
