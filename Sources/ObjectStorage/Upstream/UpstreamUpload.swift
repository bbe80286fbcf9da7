import Crypto
import Foundation
import HTTPTypes
import NIOCore
import NIOPosix
import S3Wire

/// Sends one file: as a whole, or in parts where it is large. What fails for a reason that passes is sent again, part by part.
struct UpstreamUpload: Sendable {
    let client: UpstreamClient
    let backoff: Backoff
    let key: String
    let file: FileDescriptor
    let size: Int
    /// Of the whole file, 64 hexadecimal digits.
    let sha256: String

    /// Parts under way at once.
    private static let parallel = 4
    private static let maximumParts = 10_000

    /// - Throws: `ObjectStoreError`, `CancellationError`.
    func run() async throws {
        guard size > client.configuration.partSize else {
            _ = try await backoff.run("storing \(key) upstream") {
                try await client.send("PUT", key, headers: Self.headers, body: .file(file, 0..<size, sha256: sha256))
            }
            return
        }
        let id = try await backoff.run("beginning \(key) upstream") {
            let answer = try await client.send("POST", key, query: "uploads=", headers: Self.headers)
            guard let id = (try? XMLElement(parsing: answer.body))?["UploadId"]?.text, !id.isEmpty else {
                throw UpstreamFailure.transport("it gave no upload id")
            }
            return S3Signer.encode(query: id)
        }
        do {
            let tags = try await sendParts(id)
            try await complete(id, tags)
        } catch {
            // In a task of its own: this one may be cancelled.
            await Task { _ = try? await client.send("DELETE", key, query: "uploadId=\(id)", accepting: [404]) }.value
            throw error
        }
    }

    private static let headers: HTTPFields = [.contentType: "application/octet-stream"]

    /// The entity tags of the parts, in order.
    private func sendParts(_ id: String) async throws -> [String] {
        let partSize = max(client.configuration.partSize, (size + Self.maximumParts - 1) / Self.maximumParts)
        let ranges = stride(from: 0, to: size, by: partSize).map { $0..<min(size, $0 + partSize) }
        return try await withThrowingTaskGroup(of: (Int, String).self) { group in
            var tags = [String](repeating: "", count: ranges.count)
            var next = 0
            func begin() {
                guard next < ranges.count else { return }
                let number = next
                next += 1
                group.addTask { (number, try await sendPart(number + 1, ranges[number], id)) }
            }
            for _ in 0..<Self.parallel { begin() }
            while let (number, tag) = try await group.next() {
                tags[number] = tag
                begin()
            }
            return tags
        }
    }

    private func sendPart(_ number: Int, _ range: Range<Int>, _ id: String) async throws -> String {
        let digest = try await digest(range)
        return try await backoff.run("storing part \(number) of \(key) upstream") {
            let answer = try await client.send(
                "PUT", key, query: "partNumber=\(number)&uploadId=\(id)", body: .file(file, range, sha256: digest))
            guard let tag = answer.headers.first(name: "ETag") else { throw UpstreamFailure.transport("it gave no entity tag") }
            return tag
        }
    }

    private func digest(_ range: Range<Int>) async throws -> String {
        var hash = SHA256()
        for try await bytes in FileBytes(file: file, range: range) { bytes.withUnsafeReadableBytes { hash.update(bufferPointer: $0) } }
        return Hexadecimal.text(hash.finalize())
    }

    private func complete(_ id: String, _ tags: [String]) async throws {
        var xml = XMLWriter(root: "CompleteMultipartUpload", capacity: 128 * tags.count + 256)
        for (index, tag) in tags.enumerated() {
            xml.open("Part")
            xml.element("PartNumber", index + 1)
            xml.element("ETag", tag)
            xml.close("Part")
        }
        let document = Array(xml.finish().readableBytesView)
        try await backoff.run("completing \(key) upstream") {
            let answer = try await client.send(
                "POST", key, query: "uploadId=\(id)", headers: [.contentType: "application/xml"], body: .bytes(document), accepting: [404])
            if answer.status == 404 {
                // Nothing is known of it any more: an attempt before may have succeeded, its answer lost.
                let head = try await client.send("HEAD", key, accepting: [404])
                guard head.status != 404, head.headers.first(name: "Content-Length") == String(size) else {
                    throw UpstreamFailure.answer(status: 404, code: "NoSuchUpload", message: "the upload has gone")
                }
                return
            }
            // The status stands before the work is done; an error then comes as the body.
            if let error = try? XMLElement(parsing: answer.body), error.name == "Error" { throw UpstreamClient.failure(500, error) }
        }
    }
}
