import Foundation
import Synchronization
import TestSupport

/// Clients that put, replace, assemble and delete objects at once, each keys of its own, and remember what may be found under them:
/// what was acknowledged, and where an answer is still awaited, what would be there with it.
final class S3Storm: Sendable {
    /// What may be found under a key; nil stands for nothing at all.
    private let possible = Mutex<[String: Set<Data?>]>([:])
    private let acknowledgements = Mutex(0)
    private let client: S3TestClient
    let bucket: String

    init(_ client: S3TestClient, bucket: String) {
        self.client = client
        self.bucket = bucket
    }

    var acknowledged: Int { acknowledgements.withLock { $0 } }
    var expectations: [String: Set<Data?>] { possible.withLock { $0 } }

    /// Bytes that are those of this number alone.
    static func content(_ number: Int, bytes: Int) -> Data {
        var state = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15 | 1
        var data = Data(capacity: bytes + 8)
        while data.count < bytes {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            withUnsafeBytes(of: state) { data.append(contentsOf: $0) }
        }
        return data.prefix(bytes)
    }

    /// Goes on until the server does not answer any more.
    func rage(worker: Int) async {
        for number in 0..<100_000 {
            let key = "\(worker)/\(number % 23)"
            let content = Self.content(worker * 1_000_000 + number, bytes: number % 7 == 0 ? 400_000 : 3000 + number)
            do {
                switch number % 9 {
                case 5: try await delete(key)
                case 8 where number % 4 == 0: try await assemble(key, worker * 1_000_000 + number)
                default: try await put(key, content)
                }
            } catch { return }
        }
    }

    private struct Refused: Error {}

    private func expect(_ key: String, _ content: Data?, _ send: () async throws -> HTTPTestClient.Answer) async throws {
        possible.withLock { _ = $0[key, default: [nil]].insert(content) }
        let answer = try await send()
        guard (200..<300).contains(answer.status), answer.s3Code == nil else { throw Refused() }
        possible.withLock { $0[key] = [content] }
        acknowledgements.withLock { $0 += 1 }
    }

    private func put(_ key: String, _ content: Data) async throws {
        try await expect(key, content) { try await client.put("\(bucket)/\(key)", content) }
    }

    private func delete(_ key: String) async throws {
        try await expect(key, nil) { try await client.request(.DELETE, "\(bucket)/\(key)") }
    }

    private func assemble(_ key: String, _ number: Int) async throws {
        let parts = [Self.content(number, bytes: 5 << 20), Self.content(number + 500_000, bytes: 1000)]
        let path = "\(bucket)/\(key)"
        guard let id = try await client.request(.POST, path, query: "uploads=").values(of: "UploadId").first else { throw Refused() }
        var list = ""
        for (index, part) in parts.enumerated() {
            let answer = try await client.request(.PUT, path, query: "partNumber=\(index + 1)&uploadId=\(id)", body: part)
            guard answer.status == 200, let etag = answer["ETag"] else { throw Refused() }
            list += "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(etag)</ETag></Part>"
        }
        let document = Data("<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>".utf8)
        try await expect(key, parts[0] + parts[1]) { try await client.request(.POST, path, query: "uploadId=\(id)", body: document) }
    }
}
