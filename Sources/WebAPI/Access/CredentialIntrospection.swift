import AsyncHTTPClient
import Crypto
import Foundation
import Logging
import NIOCore
import NIOHTTP1

/// Asks the auth service about API keys and cookies by HTTP (RFC 7662), and remembers its answers for a short while.
public struct CredentialIntrospection: CredentialDirectory {
    private let url: String
    private let authorization: String
    private let client: HTTPClient
    private let timeout: Duration
    private let cache: RecentAnswers<Principal?>

    private static let answerLimit = 64 * 1024

    /// - Parameters:
    ///   - url: of the introspection endpoint, such as `http://auth:8080/oauth/introspect/`.
    ///   - clientID: of the OAuth client that this process is to the auth service.
    ///   - lifetime: how long an answer is believed: as long, a revoked key may still work.
    public init(
        url: String, clientID: String, secret: String, lifetime: Duration = .seconds(5), entries: Int = 10_000,
        client: HTTPClient = .shared, timeout: Duration = .seconds(5)
    ) {
        self.url = url
        authorization = "Basic " + Data("\(clientID):\(secret)".utf8).base64EncodedString()
        self.client = client
        self.timeout = timeout
        cache = RecentAnswers(lifetime: lifetime, limit: entries)
    }

    public func principal(ofKey key: String) async throws -> Principal? { try await principal(of: key, hint: "api_key") }

    public func principal(ofCookie value: String) async throws -> Principal? { try await principal(of: value, hint: "session_cookie") }

    private struct Answer: Decodable {
        let active: Bool
        let sub: String?
        let roles: [String]?
        let scope: String?
        let sid: String?
    }

    private func principal(of token: String, hint: String) async throws -> Principal? {
        // The secret itself is not kept.
        let name = hint + ":" + SHA256.hash(data: Data(token.utf8)).description
        if let known = cache[name] { return known }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Authorization", value: authorization)
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(ByteBuffer(string: FormFields.encode([("token", token), ("token_type_hint", hint)])))
        let answer: Answer
        do {
            let response = try await client.execute(request, timeout: TimeAmount(timeout))
            guard response.status == .ok else { throw HTTPClientError.remoteConnectionClosed }
            answer = try JSONDecoder().decode(Answer.self, from: Data(buffer: try await response.body.collect(upTo: Self.answerLimit)))
        } catch {
            throw APIError(
                .serviceUnavailable, code: "unavailable", detail: "Credentials cannot be checked at the moment.",
                headers: [.retryAfter: "2"])
        }
        var principal: Principal?
        if answer.active, let subject = answer.sub {
            principal = Principal(
                subject: subject, roles: Set((answer.roles ?? []).compactMap { Role(rawValue: $0) }),
                scopes: answer.scope.map { Set($0.split(separator: " ").map(String.init)) }, session: answer.sid)
        }
        cache[name] = principal
        return principal
    }
}
