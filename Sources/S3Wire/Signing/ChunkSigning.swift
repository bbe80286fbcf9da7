import Crypto

/// The chain of signatures over the chunks of a body: each signs the one before, the first that of the request.
public struct ChunkSigning: Sendable {
    private let key: SigningKey
    private let time: String
    private let scope: CredentialScope
    /// 64 hexadecimal digits.
    private var previous: [UInt8]

    private static let emptyHash = Array("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".utf8)

    init(key: SigningKey, time: String, scope: CredentialScope, seed: [UInt8]) {
        self.key = key
        self.time = time
        self.scope = scope
        previous = []
        Hexadecimal.append(seed, to: &previous)
    }

    /// Signs the next chunk.
    /// - Parameter digest: of its bytes.
    /// - Returns: 64 hexadecimal digits.
    public mutating func signChunk(_ digest: SHA256Digest) -> String {
        advance(key.sign(text("AWS4-HMAC-SHA256-PAYLOAD\n", [Self.emptyHash], digest)))
    }

    /// Signs the trailer.
    /// - Parameter digest: of its lines `name:value\n`.
    public mutating func signTrailer(_ digest: SHA256Digest) -> String {
        advance(key.sign(text("AWS4-HMAC-SHA256-TRAILER\n", [], digest)))
    }

    /// In constant time.
    mutating func acceptsChunk(_ signature: [UInt8], _ digest: SHA256Digest) -> Bool {
        accepts(signature, text("AWS4-HMAC-SHA256-PAYLOAD\n", [Self.emptyHash], digest))
    }

    mutating func acceptsTrailer(_ signature: [UInt8], _ digest: SHA256Digest) -> Bool {
        accepts(signature, text("AWS4-HMAC-SHA256-TRAILER\n", [], digest))
    }

    private mutating func accepts(_ signature: [UInt8], _ text: [UInt8]) -> Bool {
        guard key.isSignature(signature, of: text) else { return false }
        advance(signature)
        return true
    }

    @discardableResult
    private mutating func advance(_ signature: [UInt8]) -> String {
        previous.removeAll(keepingCapacity: true)
        Hexadecimal.append(signature, to: &previous)
        return String(decoding: previous, as: UTF8.self)
    }

    private func text(_ algorithm: String, _ lines: [[UInt8]], _ digest: SHA256Digest) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(384)
        text.append(contentsOf: algorithm.utf8)
        text.append(contentsOf: time.utf8)
        text.append(0x0A)
        text.append(contentsOf: scope.description.utf8)
        text.append(0x0A)
        text.append(contentsOf: previous)
        text.append(0x0A)
        for line in lines {
            text.append(contentsOf: line)
            text.append(0x0A)
        }
        Hexadecimal.append(digest, to: &text)
        return text
    }
}
