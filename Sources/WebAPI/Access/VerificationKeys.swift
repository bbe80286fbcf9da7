import AsyncHTTPClient
import Foundation
import JWTKit
import Logging
import NIOCore

/// What checks a signature: jwt-kit's, under a name by which other modules need not know of it.
public typealias TokenAlgorithm = JWTAlgorithm

/// Where the public keys of access tokens come from. Two adapters: the auth service's own in its process, and its JWKS address elsewhere.
public protocol VerificationKeySource: Sendable {
    /// Nil where there is no key of that id.
    func key(_ id: String) async throws -> (any JWTAlgorithm)?
}

/// Public keys by their id.
public struct VerificationKeys: Sendable {
    private let keys: [String: any JWTAlgorithm]

    public static let none = VerificationKeys(keys: [:])

    private init(keys: [String: any JWTAlgorithm]) { self.keys = keys }

    /// - Parameter json: a JWK set (RFC 7517 section 5); keys of other kinds than ours are passed over.
    /// - Throws: where it is none.
    public init(jwks json: String) async throws {
        let set = try JSONDecoder().decode(KeySet.self, from: Data(json.utf8))
        var keys: [String: any JWTAlgorithm] = [:]
        for entry in set.keys {
            guard let jwk = entry.jwk, let id = jwk.keyIdentifier?.string, let algorithm = jwk.algorithm?.rawValue,
                AccessTokenVerifier.algorithms.contains(algorithm), let collection = try? await JWTKeyCollection().add(jwk: jwk)
            else { continue }
            keys[id] = try? await collection.getKey(for: JWKIdentifier(string: id), alg: algorithm)
        }
        self.keys = keys
    }

    public subscript(_ id: String) -> (any JWTAlgorithm)? { keys[id] }

    private struct KeySet: Decodable {
        let keys: [Entry]
    }

    private struct Entry: Decodable {
        let jwk: JWK?
        init(from decoder: any Decoder) throws { jwk = try? JWK(from: decoder) }
    }
}

/// The keys at a JWKS address: kept, and fetched again at an unknown id, at most once in a while.
public actor RemoteVerificationKeys: VerificationKeySource {
    private let url: String
    private let client: HTTPClient
    private let pause: Duration
    private let timeout: Duration
    private var keys = VerificationKeys.none
    private var lastFetch: ContinuousClock.Instant?
    private var fetching: Task<VerificationKeys, any Error>?
    private let logger: Logger

    private static let answerLimit = 256 * 1024

    /// - Parameters:
    ///   - url: of the JWK set, such as `http://auth:8080/.well-known/jwks.json`.
    ///   - pause: between two fetches.
    public init(
        url: String, client: HTTPClient = .shared, pause: Duration = .seconds(10), timeout: Duration = .seconds(5), logger: Logger
    ) {
        self.url = url
        self.client = client
        self.pause = pause
        self.timeout = timeout
        self.logger = logger
    }

    /// - Throws: `APIError` 503 where there are no keys yet and none can be fetched.
    public func key(_ id: String) async throws -> (any JWTAlgorithm)? {
        if let key = keys[id] { return key }
        // Many may meet an unknown key at once: they wait for one fetch.
        if fetching == nil {
            if let lastFetch, ContinuousClock.now < lastFetch + pause { return nil }
            lastFetch = .now
            fetching = Task { try await fetch() }
        }
        guard let fetching else { return nil }
        do {
            keys = try await fetching.value
            self.fetching = nil
            return keys[id]
        } catch {
            self.fetching = nil
            logger.warning("the keys of access tokens cannot be fetched", metadata: ["url": "\(url)", "error": "\(error)"])
            // Soon again, for without keys nobody gets in.
            lastFetch = .now - pause + .seconds(1)
            throw APIError(
                .serviceUnavailable, code: "unavailable", detail: "Credentials cannot be checked at the moment.",
                headers: [.retryAfter: "2"])
        }
    }

    private func fetch() async throws -> VerificationKeys {
        let response = try await client.execute(HTTPClientRequest(url: url), timeout: TimeAmount(timeout))
        guard response.status == .ok else { throw HTTPClientError.remoteConnectionClosed }
        let body = try await response.body.collect(upTo: Self.answerLimit)
        return try await VerificationKeys(jwks: String(buffer: body))
    }
}
