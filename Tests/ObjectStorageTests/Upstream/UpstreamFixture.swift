import Crypto
import Foundation
import Logging
import NIOCore
import ObjectStorage
import Persistence
import TestSupport

/// A store whose blobs lie on a real S3 endpoint.
struct UpstreamFixture {
    let server: SeaweedFSServer
    let bucket: String
    let folder: TemporaryFolder
    let configuration: UpstreamConfiguration
    let blobs: UpstreamBlobStore

    /// - Parameter change: of the configuration.
    init(
        on server: SeaweedFSServer? = nil, bucket: String? = nil, folder: TemporaryFolder? = nil,
        _ change: (inout UpstreamConfiguration) -> Void = { _ in }
    ) async throws {
        if let server { self.server = server } else { self.server = try await SeaweedFSServer.shared }
        if let bucket { self.bucket = bucket } else { self.bucket = try await self.server.makeBucket() }
        self.folder = try folder ?? TemporaryFolder()
        var configuration = UpstreamConfiguration(
            endpoint: UpstreamEndpoint(self.server.endpoint)!, bucket: self.bucket, region: "us-east-1",
            accessKey: SeaweedFSServer.key.id, secretKey: SeaweedFSServer.key.secret)
        configuration.prefix = "agrovet/"
        configuration.partSize = 5 << 20
        // A busy machine takes its time to come back.
        configuration.retries = 20
        change(&configuration)
        self.configuration = configuration
        blobs = try UpstreamBlobStore(
            configuration, folder: self.folder.path + "/objects", temporaryFolder: self.folder.path + "/tmp",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    static func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var state = seed
        var bytes = [UInt8](repeating: 0, count: count)
        for index in bytes.indices {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes[index] = UInt8(truncatingIfNeeded: state >> 56)
        }
        return bytes
    }

    func stage(_ bytes: [UInt8]) async throws -> any StagedBlob {
        let writer = try await blobs.stage(size: bytes.count)
        for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
            try await writer.write(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + (1 << 20))]))
        }
        return try await writer.finish()
    }

    @discardableResult
    func put(_ bytes: [UInt8]) async throws -> BlobSegment { try await blobs.publish(try await stage(bytes)) }

    func get(_ segment: BlobSegment, _ range: Range<Int>? = nil) async throws -> [UInt8]? {
        guard let reader = try await blobs.open(segment) else { return nil }
        var bytes: [UInt8] = []
        for try await chunk in reader.chunks(range ?? 0..<segment.size) { bytes += chunk.readableBytesView }
        return bytes
    }

    /// Keys on the endpoint without the prefix.
    func keys() async throws -> [String] {
        try await server.client.keys(of: bucket, prefix: configuration.prefix).map { String($0.dropFirst(configuration.prefix.count)) }
            .filter { $0 != "agrovet-store" }
    }

    func key(_ segment: BlobSegment) -> String { "blobs/\(segment.sha256.prefix(2))/\(segment.sha256)" }

    var temporaryFiles: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/tmp")) ?? [] }
}
