/// A format that renditions are written in.
public enum OutputFormat: String, Sendable, Codable, CaseIterable {
    case webp, jpeg, png, avif

    /// IANA media type.
    public var contentType: String { "image/\(rawValue)" }
    /// Extension in a rendition's URL, without the dot.
    public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }

    /// The format of a URL's extension; nil where it is none that is written here.
    public init?(fileExtension: String) {
        switch fileExtension {
        case "webp": self = .webp
        case "jpg", "jpeg": self = .jpeg
        case "png": self = .png
        case "avif": self = .avif
        default: return nil
        }
    }
}
