import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import WebAPI

/// One signed request to a receiver. Redirects are not followed, proxies of the environment not used, and of the answer nothing
/// but its head is read.
struct WebhookSender: Sendable {
    let policy: AddressPolicy
    let timeout: Duration

    func send(_ delivery: WebhookDelivery, to address: String, secrets: [WebhookSecret], now: Date) async -> WebhookAttempt {
        guard let url = WebhookURL(address) else { return .failed("address_not_allowed") }
        guard !secrets.isEmpty else { return .failed("secret_unreadable") }
        let destination: AddressPolicy.Destination
        do throws(AddressPolicy.Refusal) {
            destination = try await policy.destination(of: url.url)
        } catch {
            return .failed(error == .unresolvable ? "unresolvable" : "address_not_allowed")
        }
        guard url.isSecure || destination.isNamed else { return .failed("https_required") }

        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = TimeAmount(min(timeout, .seconds(10)))
        // To the address that was checked, whatever the name resolves to now; the certificate is checked for the name.
        configuration.dnsOverride = [destination.host: destination.address]
        configuration.httpVersion = .http1Only
        // The schedule decides when to try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A client for each request, as the override is the client's; it has no threads of its own.
        let client = HTTPClient(eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
        let attempt = await request(delivery, to: address, secrets, now, client)
        // Cuts off what the receiver still sends.
        try? await Task { try await client.shutdown() }.value
        return attempt
    }

    private func request(
        _ delivery: WebhookDelivery, to address: String, _ secrets: [WebhookSecret], _ now: Date, _ client: HTTPClient
    ) async -> WebhookAttempt {
        let timestamp = Int(now.timeIntervalSince1970)
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        request.headers = [
            "Content-Type": WebhookPayload.contentType, "User-Agent": "agrovet-webhooks", "webhook-id": delivery.messageID,
            "webhook-timestamp": "\(timestamp)",
            "webhook-signature": secrets.map { $0.signature(id: delivery.messageID, timestamp: timestamp, body: delivery.body) }.joined(
                separator: " "),
        ]
        request.body = .bytes(ByteBuffer(string: delivery.body))
        do {
            let response = try await client.execute(request, timeout: TimeAmount(timeout))
            let retryAfter = WebhookSchedule.retryAfter(response.headers.first(name: "Retry-After"), now: now)
            return .answered(status: Int(response.status.code), retryAfter: retryAfter)
        } catch {
            if Task.isCancelled { return .cancelled }
            return .failed(Self.code(error))
        }
    }

    /// A stable word: an error's own text may tell more of a network than its owner wants told.
    private static func code(_ error: any Error) -> String {
        let timeouts: [HTTPClientError] = [.deadlineExceeded, .connectTimeout, .readTimeout, .writeTimeout]
        if let error = error as? HTTPClientError, timeouts.contains(error) { return "timeout" }
        // The library's own types for TLS are not among what it makes public.
        return "\(type(of: error))".contains("SSL") ? "tls_failed" : "connection_failed"
    }
}

/// A receiver's address: `https`, or `http` for receivers that the operator has allowed; no credentials, no fragment.
struct WebhookURL: Sendable {
    let url: URL
    var isSecure: Bool { url.scheme?.lowercased() == "https" }
    static let length = 2000

    /// Nil where the text is none.
    init?(_ text: String) {
        guard (1...Self.length).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let url = URL(string: text),
            ["http", "https"].contains(url.scheme?.lowercased()), url.host?.isEmpty == false, url.user == nil, url.password == nil,
            url.fragment == nil, url.port.map({ (1...65_535).contains($0) }) ?? true
        else { return nil }
        self.url = url
    }
}
