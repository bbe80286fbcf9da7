import Foundation
import Logging
import NIOCore
import ObjectStorage
import Persistence

/// The storage by itself, as a process.
///
///     StorageTrial speed FOLDER [SECONDS]
///     StorageTrial lists FOLDER KEYS
///     StorageTrial storm FOLDER SEED
@main
enum Trial {
    static let bucket = BucketName("trial")!

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 2 else {
            print("usage: StorageTrial speed|lists|storm FOLDER [SECONDS|KEYS|SEED]")
            exit(2)
        }
        let number = arguments.count > 3 ? Int(arguments[3]) ?? 3 : 3
        switch arguments[1] {
        case "speed": try await Speed(store: try await open(arguments[2]), seconds: Double(number), folder: arguments[2]).run()
        case "lists": try await Speed(store: try await open(arguments[2]), seconds: 3, folder: arguments[2]).lists(of: number)
        case "storm": try await Storm(store: try await open(arguments[2]), seed: number).run()
        default: exit(2)
        }
    }

    static func open(_ folder: String) async throws -> VersionedObjectStore {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let database = try SQLiteDatabase(.init(path: folder + "/objects.sqlite"))
        try await Migrator.migrate(database, service: "objects", VersionedObjectStore.migrations)
        let blobs = try LocalBlobStore(folder: folder + "/objects", temporaryFolder: folder + "/tmp")
        let store = VersionedObjectStore(database: database, blobs: blobs, logger: Logger(label: "trial"))
        try await store.recover()
        if try await store.bucket(bucket) == nil { try await store.createBucket(Bucket(name: bucket, owner: "ana", created: 0)) }
        return store
    }

    static func put(_ store: VersionedObjectStore, _ key: String, _ bytes: ByteBuffer) async throws -> ObjectVersion {
        let writer = try await store.stage(size: bytes.readableBytes)
        try await writer.write(bytes)
        return try await store.put(
            .staged(try await writer.finish()), key: ObjectKey(key)!, in: bucket, etag: "d41d8cd98f00b204e9800998ecf8427e",
            contentType: "application/octet-stream", attributes: attributes)
    }

    /// As today's clients of S3 have it: a checksum comes with every object.
    static var attributes: ObjectAttributes {
        var attributes = ObjectAttributes(owner: "ana")
        attributes.checksum = .init(algorithm: "CRC64NVME", value: "AAAAAAAAAAA=")
        return attributes
    }
}
