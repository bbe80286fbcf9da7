import WebAPI

/// What a request's path and Host name: a bucket and a key, by path (`/bucket/key`) or by virtual host (`bucket.domain/key`).
struct S3Address: Sendable, Hashable {
    /// As it was sent, percent-decoded; not yet checked to be a bucket's name.
    var bucket: String?
    /// Percent-decoded, with every slash that was sent.
    var key: String?
    /// Whether the host names the bucket.
    var isVirtualHosted = false

    /// - Parameters:
    ///   - path: as it stands in the request, without the query.
    ///   - host: the Host field, with its port.
    ///   - domains: names that buckets are hosts of.
    /// - Returns: nil where an escape is broken or the bytes are not UTF-8.
    init?(path: String, host: String?, domains: [String]) {
        var path = Substring(path)
        if path.hasPrefix("/") { path = path.dropFirst() }
        if let bucket = Self.virtualBucket(host, domains) {
            self.bucket = bucket
            isVirtualHosted = true
            guard let key = String(path).removingURLPercentEncoding() else { return nil }
            self.key = key.isEmpty ? nil : key
            return
        }
        guard !path.isEmpty else { return }
        let bytes = path.utf8
        let slash = bytes.firstIndex(of: UInt8(ascii: "/"))
        guard let bucket = String(path[..<(slash ?? bytes.endIndex)]).removingURLPercentEncoding() else { return nil }
        self.bucket = bucket
        guard let slash else { return }
        guard let key = String(path[bytes.index(after: slash)...]).removingURLPercentEncoding() else { return nil }
        self.key = key.isEmpty ? nil : key
    }

    private static func virtualBucket(_ host: String?, _ domains: [String]) -> String? {
        guard !domains.isEmpty, let host else { return nil }
        let name = (host.split(separator: ":", omittingEmptySubsequences: false).first.map(String.init) ?? host).lowercased()
        for domain in domains where name.hasSuffix("." + domain) { return String(name.dropLast(domain.utf8.count + 1)) }
        return nil
    }
}

extension S3Query {
    /// - Parameter raw: as it stands in the request, without the question mark.
    /// - Returns: nil where an escape is broken, or a value holds U+0000, which no key has and no database takes.
    init?(raw: Substring) {
        var items: [Item] = []
        for pair in raw.split(separator: "&") {
            let equals = pair.firstIndex(of: "=")
            guard let name = String(pair[..<(equals ?? pair.endIndex)]).removingURLPercentEncoding(plusIsSpace: true),
                let value = String(equals.map { pair[pair.index(after: $0)...] } ?? "").removingURLPercentEncoding(plusIsSpace: true),
                !value.utf8.contains(0)
            else { return nil }
            items.append(Item(name: name, value: value))
        }
        self.items = items
    }
}
