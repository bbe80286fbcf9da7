import NIOHTTP1

/// What of a request counts for an answer that is ready.
public struct ReadyRequest: Sendable {
    public let head: HTTPRequestHead
    /// The peer's address.
    public let remote: String?
    public private(set) var conditions = Conditions()
    public private(set) var accept: String?
    /// As the client calls it (`X-Request-Id`).
    public private(set) var requestID: String?
    public let isHEAD: Bool
    /// Whether it has an `Authorization` field.
    public private(set) var hasCredentials = false

    /// Nil for a request that has to go the usual way: one that is neither GET nor HEAD of HTTP/1.1, that brings a body, that
    /// wants more of the connection than to stay, or that does not name one host.
    init?(_ head: HTTPRequestHead, remote: String?) {
        guard head.version == .http1_1, head.method == .GET || head.method == .HEAD else { return nil }
        self.head = head
        self.remote = remote
        isHEAD = head.method == .HEAD
        conditions.isGET = !isHEAD
        var hosts = 0
        for (name, value) in head.headers {
            // By length first: most fields are none of these.
            switch name.utf8.count {
            case 4 where Self.is(name, "host"): hosts += 1
            case 5 where Self.is(name, "range"): Self.add(value, to: &conditions.range)
            case 6:
                if Self.is(name, "accept") { Self.add(value, to: &accept) }
                if Self.is(name, "expect") { return nil }
            case 7 where Self.is(name, "upgrade"): return nil
            case 8:
                if Self.is(name, "if-range") { Self.add(value, to: &conditions.ifRange) }
                if Self.is(name, "if-match") { return nil }
            case 10 where Self.is(name, "connection"):
                guard Self.is(value, "keep-alive") else { return nil }
            case 12 where Self.is(name, "x-request-id"): Self.add(value, to: &requestID)
            case 13:
                if Self.is(name, "if-none-match") { Self.add(value, to: &conditions.ifNoneMatch) }
                if Self.is(name, "authorization") { hasCredentials = true }
            case 14 where Self.is(name, "content-length"): return nil
            case 17:
                if Self.is(name, "if-modified-since") { Self.add(value, to: &conditions.ifModifiedSince) }
                if Self.is(name, "transfer-encoding") { return nil }
            case 19 where Self.is(name, "if-unmodified-since"): return nil
            default: break
            }
        }
        guard hosts == 1 else { return nil }
    }

    /// Several fields of one name are one list (RFC 9110 section 5.3).
    private static func add(_ value: String, to field: inout String?) { field = field.map { "\($0), \(value)" } ?? value }

    /// - Parameter expected: in lower case.
    private static func `is`(_ text: String, _ expected: StaticString) -> Bool {
        guard text.utf8.count == expected.utf8CodeUnitCount else { return false }
        return expected.withUTF8Buffer { expected in
            zip(text.utf8, expected).allSatisfy { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }
        }
    }
}
