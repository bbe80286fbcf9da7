import AsyncHTTPClient
import Foundation
import NIOCore
import WebAPI

/// One signed request to a receiver, to an address that was checked. Of the answer nothing but its head is read.
struct WebhookSender: Sendable {
    let policy: AddressPolicy
    let timeout: Duration

    func send(_ delivery: WebhookDelivery, to address: String, secrets: [WebhookSecret], now: Date) async -> WebhookAttempt {
        guard let url = WebhookURL(address) else { return .failed("address_not_allowed") }
        guard !secrets.isEmpty else { return .failed("secret_unreadable") }
        let deadline = ContinuousClock.now + timeout
        do {
            let destination = try await withTimeLimit(timeout, else: HTTPClientError.deadlineExceeded) {
                try await policy.destination(of: url.host)
            }
            guard url.isSecure || destination.isNamed else { return .failed("https_required") }
            return try await PinnedClient.lend(
                for: destination.host, at: destination.addresses[0], connectTimeout: min(timeout, .seconds(10))
            ) { try await request(delivery, to: address, secrets, now, deadline, $0) }
        } catch let refusal as AddressPolicy.Refusal {
            return .failed(refusal == .unresolvable ? "unresolvable" : "address_not_allowed")
        } catch {
            if Task.isCancelled { return .cancelled }
            return .failed(Self.code(error))
        }
    }

    private func request(
        _ delivery: WebhookDelivery, to address: String, _ secrets: [WebhookSecret], _ now: Date, _ deadline: ContinuousClock.Instant,
        _ client: HTTPClient
    ) async throws -> WebhookAttempt {
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
        let response = try await client.execute(request, timeout: TimeAmount(max(.zero, deadline - .now)))
        let retryAfter = WebhookSchedule.retryAfter(response.headers.first(name: "Retry-After"), now: now)
        return .answered(status: Int(response.status.code), retryAfter: retryAfter)
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
    /// As it is spelled; an IPv6 address without its brackets.
    let host: String
    let isSecure: Bool
    static let length = 2000

    /// Nil where the text is none.
    init?(_ text: String) {
        guard (1...Self.length).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let url = URL(string: text), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = url.host(percentEncoded: true)?.trimmingCharacters(in: ["[", "]"]), !host.isEmpty,
            url.user == nil, url.password == nil, url.fragment == nil, url.port.map({ (1...65_535).contains($0) }) ?? true
        else { return nil }
        self.host = host
        isSecure = scheme == "https"
    }
}
