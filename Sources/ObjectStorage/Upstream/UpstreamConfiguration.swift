import NIOCore
import S3Wire

/// Where an S3 endpoint is, and how it is spoken to.
public struct UpstreamConfiguration: Sendable {
    public var endpoint: UpstreamEndpoint
    public var bucket: String
    public var region: String
    public var accessKey: String
    public var secretKey: String
    /// PEM file of the only authorities that its certificate may come from; empty: those that the system trusts.
    public var caFile = ""
    /// What the names of all objects there begin with; empty, or ending with `/`.
    public var prefix = ""
    /// Bytes from which on a blob is sent in parts, and of each part. S3 takes 10,000 parts of at least 5 MiB.
    public var partSize = 16 << 20
    /// How long the endpoint may stand still; an upload has more, by its size.
    public var timeout: Duration = .seconds(30)
    /// Further attempts of what failed for a reason that passes.
    public var retries = 6
    public var connections = 32

    public init(endpoint: UpstreamEndpoint, bucket: String, region: String, accessKey: String, secretKey: String) {
        self.endpoint = endpoint
        self.bucket = bucket
        self.region = region
        self.accessKey = accessKey
        self.secretKey = secretKey
    }
}

extension UpstreamConfiguration: CustomStringConvertible {
    /// Without secret.
    public var description: String { "\(endpoint.url(bucket: bucket, key: prefix))" }
}

/// The address of an S3 endpoint, such as `https://s3.eu-south-2.amazonaws.com`, `http://127.0.0.1:9000` or, with a path of its own,
/// `https://project.supabase.co/storage/v1/s3`.
public struct UpstreamEndpoint: Sendable, Hashable {
    /// `http` or `https`.
    let scheme: String
    /// With the port where it is not the scheme's own.
    let authority: String
    /// Empty, or beginning with `/` and not ending with it.
    let path: String
    /// Whether the bucket stands in the path; else it stands before the host.
    let isPathStyle: Bool

    /// Nil where it is no `http` or `https` URL of host, port and path alone.
    public init?(_ url: String, isPathStyle: Bool = true) {
        let parts = url.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "http" || parts[0] == "https" else { return nil }
        let slash = parts[1].firstIndex(of: "/") ?? parts[1].endIndex
        var path = String(parts[1][slash...])
        while path.hasSuffix("/") { path.removeLast() }
        let host = parts[1][..<slash]
        let isHostByte: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: ".-:[]_".utf8.contains(byte)
            }
        }
        guard !host.isEmpty, host.first != ":", host.utf8.allSatisfy(isHostByte),
            path.utf8.allSatisfy({ (isHostByte($0) && $0 != UInt8(ascii: "[")) || "/~%".utf8.contains($0) })
        else { return nil }
        scheme = String(parts[0])
        let usual = scheme == "https" ? ":443" : ":80"
        authority = String(host.hasSuffix(usual) ? host.dropLast(usual.count) : host)
        self.path = path
        self.isPathStyle = isPathStyle
    }

    /// What a request for a key is signed as. The key needs no percent-encoding.
    package func request(_ method: String, bucket: String, key: String, query: String) -> SignedRequest {
        SignedRequest(
            method: method, path: isPathStyle ? "\(path)/\(bucket)\(key.isEmpty ? "" : "/\(key)")" : "\(path)/\(key)", query: query,
            authority: isPathStyle ? authority : "\(bucket).\(authority)")
    }

    func url(bucket: String, key: String) -> String {
        let request = request("GET", bucket: bucket, key: key, query: "")
        return url(of: request)
    }

    package func url(of request: SignedRequest) -> String {
        "\(scheme)://\(request.authority)\(request.path)\(request.query.isEmpty ? "" : "?\(request.query)")"
    }
}
