/// How a request vouches for its body: `x-amz-content-sha256`.
public enum PayloadMode: Sendable, Hashable {
    /// `UNSIGNED-PAYLOAD`.
    case unsigned
    /// 64 lower-case hexadecimal digits: the SHA-256 of the whole body. Whoever reads the body compares.
    case sha256(String)
    /// `STREAMING-…`: the body comes in chunks (`aws-chunked`), each with a signature or none, perhaps with a trailer.
    case streaming(signed: Bool, trailer: Bool)

    /// The SHA-256 of no bytes.
    public static let empty = PayloadMode.sha256("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")

    /// - Throws: `InvalidArgument` where it is none of these.
    public init(header value: String) throws(S3Error) {
        // Most are.
        if value.utf8.count == 64, value.utf8.allSatisfy({ Hexadecimal.digit($0) != nil }) {
            self = .sha256(value.utf8.contains { (0x41...0x5A).contains($0) } ? value.lowercased() : value)
            return
        }
        switch value {
        case "UNSIGNED-PAYLOAD": self = .unsigned
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": self = .streaming(signed: true, trailer: false)
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": self = .streaming(signed: true, trailer: true)
        case "STREAMING-UNSIGNED-PAYLOAD-TRAILER": self = .streaming(signed: false, trailer: true)
        default:
            throw .invalidArgument.with(
                message: "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                    + "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value."
            ).with(field: "ArgumentName", "x-amz-content-sha256").with(field: "ArgumentValue", value)
        }
    }

    /// The value of the header.
    public var header: String {
        switch self {
        case .unsigned: "UNSIGNED-PAYLOAD"
        case .sha256(let digest): digest
        case .streaming(signed: true, trailer: false): "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
        case .streaming(signed: true, trailer: true): "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
        case .streaming(signed: false, trailer: _): "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        }
    }
}
