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
    static func parse(_ credential: ArraySlice<UInt8>) -> (accessKey: String, scope: CredentialScope)? {
        // From the end, by bytes: every request has one.
        var parts: [ArraySlice<UInt8>] = []
        parts.reserveCapacity(4)
        var rest = credential
        while parts.count < 4 {
            guard let slash = rest.lastIndex(of: UInt8(ascii: "/")) else { return nil }
            parts.append(rest[(slash + 1)...])
            rest = rest[..<slash]
        }
        let (end, service, region, day) = (parts[0], parts[1], parts[2], parts[3])
        guard end.elementsEqual("aws4_request".utf8), day.count == 8, day.allSatisfy({ (0x30...0x39).contains($0) }), !region.isEmpty,
            !service.isEmpty, !rest.isEmpty
        else { return nil }
        func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
        return (text(rest), CredentialScope(day: text(day), region: text(region), service: text(service)))
    }
}
