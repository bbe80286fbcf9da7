import Foundation
import JWTKit
import Persistence
import Synchronization
import WebAPI

/// The keys that sign tokens, each in a file of the data folder that only its owner may read. The newest of the algorithm that is set
/// signs; older ones verify for as long as what they signed can live. Another process, such as `agrovet keys rotate`, may add one.
public actor SigningKeyRing: VerificationKeySource {
    private let folder: String
    private let algorithm: SigningAlgorithm
    /// How long what a key has signed is valid, in milliseconds.
    private let tokenLifetime: Int64
    private var keys: [String: SigningKey] = [:]
    private var publicKeys = VerificationKeys.none
    private var current: SigningKey?
    private var lastLoad: ContinuousClock.Instant?

    /// What a key is given beyond the life of its last token: clocks differ, and processes see a new key a little later.
    private static let margin: Int64 = 10 * 60_000
    /// Between two looks at the folder.
    private static let pause = Duration.seconds(1)
    private static let refresh = Duration.seconds(10)

    /// - Parameters:
    ///   - folder: for keys and nothing else; made where there is none.
    ///   - tokenLifetime: the longest life of a token, in seconds.
    public init(folder: String, algorithm: SigningAlgorithm, tokenLifetime: TimeInterval) {
        self.folder = folder
        self.algorithm = algorithm
        self.tokenLifetime = Int64(tokenLifetime * 1000)
    }

    /// Reads the keys, and makes one where there is none of the algorithm.
    public func prepare() async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try await load()
        if current == nil { _ = try await rotate() }
    }

    /// Makes a new key, which signs from now on.
    /// - Returns: its id.
    @discardableResult
    public func rotate() async throws -> String {
        let id = UUIDv7.make()
        let pem = try SigningKey.makePEM(algorithm)
        _ = try SecretFile(path: "\(folder)/\(id).\(algorithm.rawValue)") { pem }
        try await load()
        return id
    }

    /// Makes a new key where the one that signs is older than `age`, and takes away the files of those that nothing needs any more.
    package func maintain(age: Duration, now: Int64) async throws {
        try await load()
        if let current, now - current.created > Int64(age / .milliseconds(1)) { try await rotate() }
        let retired = keys.values.filter { key in
            // A key's time ends when a newer one of any algorithm begins to sign.
            guard key.id != current?.id, let successor = keys.values.map(\.created).filter({ $0 > key.created }).min() else { return false }
            return now - successor > tokenLifetime + Self.margin
        }
        for key in retired { try? FileManager.default.removeItem(atPath: "\(folder)/\(key.id).\(key.algorithm.rawValue)") }
        if !retired.isEmpty { try await load() }
    }

    /// The key that signs now.
    func signing() async throws -> SigningKey {
        if lastLoad.map({ ContinuousClock.now > $0 + Self.refresh }) ?? true { try await load() }
        guard let current else { throw Failure(description: "there is no key that signs in \(folder)") }
        return current
    }

    public func key(_ id: String) async throws -> (any JWTAlgorithm)? {
        if let key = publicKeys[id] { return key }
        guard lastLoad.map({ ContinuousClock.now > $0 + Self.pause }) ?? true else { return nil }
        try await load()
        return publicKeys[id]
    }

    /// The public halves of all keys that verify (RFC 7517 section 5).
    package func jwks() async throws -> String {
        if lastLoad.map({ ContinuousClock.now > $0 + Self.pause }) ?? true { try await load() }
        return Self.jwks(keys)
    }

    private static func jwks(_ keys: [String: SigningKey]) -> String {
        JSONText.object([("keys", "[" + keys.values.sorted { $0.id > $1.id }.map(\.jwk).joined(separator: ",") + "]")])
    }

    private func load() async throws {
        lastLoad = .now
        var found: [String: SigningKey] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let parts = name.split(separator: ".").map(String.init)
            guard parts.count == 2, UUIDv7.isValid(parts[0]), let algorithm = SigningAlgorithm(rawValue: parts[1]) else { continue }
            if let known = keys[parts[0]] {
                found[known.id] = known
                continue
            }
            let pem: String
            do {
                pem = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
                // Another process has just taken it away. Whatever else keeps it from being read must not pass for that.
                continue
            }
            do {
                found[parts[0]] = try await SigningKey(id: parts[0], algorithm: algorithm, pem: pem)
            } catch {
                throw Failure(description: "\(folder)/\(name) is no key of \(algorithm.rawValue)")
            }
        }
        let hasChanged = Set(found.keys) != Set(keys.keys)
        keys = found
        current = found.values.filter { $0.algorithm == algorithm }.max { $0.id < $1.id }
        if hasChanged { publicKeys = try await VerificationKeys(jwks: Self.jwks(found)) }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
