import Synchronization

/// What access tokens say that they are from: the server's own address (RFC 8414 section 2). Where no setting names it, it is known when
/// the server listens.
public final class TokenIssuer: Sendable {
    private let text: Mutex<String>
    private let isFixed: Bool

    /// - Parameter url: scheme, host and port, without a slash at the end; empty where it is yet to be known.
    public init(_ url: String) {
        text = Mutex(url)
        isFixed = !url.isEmpty
    }

    public var url: String { text.withLock { $0 } }

    /// To be told once, when the server listens.
    public func listening(at url: String) { if !isFixed { text.withLock { $0 = url } } }
}
