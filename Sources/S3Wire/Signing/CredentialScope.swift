/// What a derived key is good for: `20130524/us-east-1/s3/aws4_request`.
public struct CredentialScope: Sendable, Hashable, CustomStringConvertible {
    /// `20130524`.
    public let day: String
    public let region: String
    public let service: String

    public init(day: String, region: String, service: String = "s3") {
        self.day = day
        self.region = region
        self.service = service
    }

    public var description: String { "\(day)/\(region)/\(service)/aws4_request" }

    /// Access key and scope of `AKID/20130524/us-east-1/s3/aws4_request`; nil where it is nothing of that kind. The access key may
    /// hold slashes.
    static func parse(_ credential: Substring) -> (accessKey: String, scope: CredentialScope)? {
        let parts = credential.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Substring($0) }
        guard parts.count >= 5, parts[parts.count - 1] == "aws4_request" else { return nil }
        let scope = parts.suffix(4).map { String($0) }
        let accessKey = parts.count == 5 ? String(parts[0]) : parts[..<(parts.count - 4)].joined(separator: "/")
        guard !accessKey.isEmpty, scope[0].utf8.count == 8, scope[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }), !scope[1].isEmpty,
            !scope[2].isEmpty
        else { return nil }
        return (accessKey, CredentialScope(day: scope[0], region: scope[1], service: scope[2]))
    }
}
