import Foundation
import NIOCore
import ObjectStorage
import TestSupport
import Testing

/// An endpoint that dies (SIGKILL) in the middle and comes back.
@Suite struct UpstreamKillTests {
    @Test func anUploadInPartsGoesOnWhenTheEndpointComesBack() async throws {
        let server = try await SeaweedFSServer.start()
        let store = try await UpstreamFixture(on: server)
        defer { Task { await store.blobs.close() } }
        try await store.blobs.connect()
        let bytes = UpstreamFixture.bytes(96 << 20)
        let staged = try await store.stage(bytes)
        async let published = store.blobs.publish(staged)
        // Once parts are under way.
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline {
            let uploads = try? await server.client.request(.GET, store.bucket, query: "uploads=", atMost: .seconds(5))
            if uploads?.values(of: "UploadId").isEmpty == false { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        await server.kill()
        let again = try await server.again()
        let segment = try await published
        #expect(try await store.get(segment) == bytes)
        #expect(store.temporaryFiles.isEmpty)
        await again.kill()
    }

    @Test func aReaderGoesOnFromWhereItWas() async throws {
        let server = try await SeaweedFSServer.start()
        let store = try await UpstreamFixture(on: server)
        defer { Task { await store.blobs.close() } }
        try await store.blobs.connect()
        let bytes = UpstreamFixture.bytes(48 << 20)
        let segment = try await store.put(bytes)
        let reader = try #require(try await store.blobs.open(segment))
        var read: [UInt8] = []
        var chunks = reader.chunks(0..<segment.size).makeAsyncIterator()
        while read.count < 1 << 20, let chunk = try await chunks.next() { read += chunk.readableBytesView }
        await server.kill()
        let again = try await server.again()
        while let chunk = try await chunks.next() { read += chunk.readableBytesView }
        #expect(read == bytes)
        await again.kill()
    }

    @Test func withoutRetriesItIsUnavailableAndNothingIsLeftBehind() async throws {
        let server = try await SeaweedFSServer.start()
        let patient = try await UpstreamFixture(on: server)
        try await patient.blobs.connect()
        let segment = try await patient.put(UpstreamFixture.bytes(1_000_000))
        await patient.blobs.close()
        await server.kill()
        let store = try await UpstreamFixture(on: server, bucket: patient.bucket) { $0.retries = 0 }
        defer { Task { await store.blobs.close() } }
        for work: @Sendable () async throws -> Void in [
            { _ = try await store.blobs.open(segment) }, { _ = try await store.put([1, 2]) },
            { try await store.blobs.remove(segment.sha256) },
            { _ = try await store.blobs.names(prefix: "00") }, { try await store.blobs.ping() },
        ] {
            let error = await #expect(throws: ObjectStoreError.self) { try await work() }
            guard case .unavailable = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        #expect(store.temporaryFiles.isEmpty)
    }
}
