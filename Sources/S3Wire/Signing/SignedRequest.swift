import HTTPTypes

/// What of a request a signature is about, as it is on the wire.
public struct SignedRequest: Sendable {
    public var method: String
    /// Percent-encoded, without the query.
    public var path: String
    /// Percent-encoded, without `?`; empty where there is none.
    public var query: String
    /// Without `Host`.
    public var headers: HTTPFields
    /// The `Host` header or `:authority`, with the port where the client gave one.
    public var authority: String

    public init(method: String, path: String, query: String = "", headers: HTTPFields = [:], authority: String) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.authority = authority
    }
}

extension HTTPField.Name {
    static let amzContentSHA256 = HTTPField.Name("x-amz-content-sha256")!
    static let amzDate = HTTPField.Name("x-amz-date")!
    static let amzSecurityToken = HTTPField.Name("x-amz-security-token")!
    public static let amzDecodedContentLength = HTTPField.Name("x-amz-decoded-content-length")!
    public static let amzTrailer = HTTPField.Name("x-amz-trailer")!
}
