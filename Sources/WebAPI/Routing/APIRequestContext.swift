import Hummingbird
import NIOCore

/// What travels with a request through middleware and handlers.
public struct APIRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// In every answer (`X-Request-Id`) and every log line of the request.
    public var requestID: String
    /// Who asks; nil for anonymous.
    public var principal: Principal?
    /// The peer's address as the socket has it, without the port.
    public let remoteAddress: String?
    /// The fields `X-Forwarded-For`, which anybody can write: see `clientAddress(trusting:)`.
    public var forwardedFor: [String]

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = ""
        principal = nil
        remoteAddress = source.channel.remoteAddress?.ipAddress
        forwardedFor = []
    }

    /// - Throws: `APIError.notAuthenticated`.
    public func requirePrincipal() throws -> Principal {
        guard let principal else { throw APIError.notAuthenticated }
        return principal
    }
}
