import AsyncHTTPClient
import NIOCore

/// Clients for connections that must go where `AddressPolicy` has looked.
package enum PinnedClient {
    /// Lends a client that connects to `address` for URLs of `host`, whatever its name means by now; the name stays in `Host` and
    /// in the TLS handshake (SNI, and what the certificate has to be for). It follows no redirect, uses no proxy of the environment,
    /// unpacks nothing, and tries a connection once. What it has open when `body` ends is cut off.
    ///
    /// - Parameters:
    ///   - host: as the URL spells it. An address has no name that could change, and is connected to as it is.
    ///   - readTimeout: between two parts of an answer; nil for none.
    package static func lend<Value>(
        for host: String, at address: IPAddress, connectTimeout: Duration, readTimeout: Duration? = nil,
        _ body: (HTTPClient) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = TimeAmount(connectTimeout)
        configuration.timeout.read = readTimeout.map { TimeAmount($0) }
        configuration.dnsOverride = [host: address.description]
        // A client for each exchange, as the override is the client's; it has no threads of its own.
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<Value, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        // In a task of its own: this one may be cancelled, and the connection has to end all the same.
        await Task { try? await client.shutdown() }.value
        return try result.get()
    }
}
