import Foundation
import NIOCore
import ObjectStorage
import Persistence
import TestSupport
import Testing

/// What was stored before there were versions becomes the `null` version of its key, with an entity tag and its bytes.
@Suite struct OldIndexTests {
    @Test(arguments: SQLDialect.allCases)
    func objectsOfTheFirstSchemaAreVersions(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database: any Database =
            switch dialect {
            case .sqlite: try SQLiteDatabase(.init(path: folder.path + "/index.sqlite"))
            case .postgresql: PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
            }
        try await Migrator.migrate(database, service: "objects", Array(LocalObjectStore.migrations.prefix(1)))
        let bytes = StoreFixture.pattern(3000, seed: 4)
        let blobs = try LocalBlobStore(folder: folder.path + "/objects", temporaryFolder: folder.path + "/tmp")
        let writer = try await blobs.stageFile()
        try await writer.write(ByteBuffer(bytes: bytes))
        let blob = try await writer.finish()
        _ = try await blobs.publish(blob)
        try await database.write { connection in
            try connection.execute("INSERT INTO buckets (name) VALUES ('media')")
            for key in ["a/original", "é"] {
                try connection.execute(
                    "INSERT INTO objects (bucket, key, size, sha256, content_type, modified) VALUES ('media', $1, 3000, $2, 'image/webp', 5)",
                    [SQLValue(key), SQLValue(blob.sha256)])
            }
        }
        try await Migrator.migrate(database, service: "objects", LocalObjectStore.migrations)
        let versions = VersionedObjectStore(database: database, blobs: blobs, logger: StoreFixture.logger)
        #expect(try await versions.recover().missing.isEmpty)
        let bucket = BucketName("media")!
        #expect(try await versions.bucket(bucket)?.versioning == .off)
        #expect(try await versions.usage(bucket) == (2, 6000))
        let found = try #require(try await versions.find(ObjectKey("é")!, version: "null", in: bucket))
        #expect(found.etag == String(blob.sha256.prefix(32)) && found.contentType == "image/webp" && found.modified == 5)
        do {
            let reader = try #require(try await versions.open(found, in: bucket))
            #expect(try await StoreFixture.bytes(reader, 0..<3000) == bytes)
        }
        let objects = LocalObjectStore(versions: versions, blobs: blobs, temporaryFolder: folder.path + "/tmp")
        #expect(try await objects.head(ObjectKey("a/original")!, in: bucket)?.sha256 == blob.sha256)
        try await objects.delete([ObjectKey("a/original")!, ObjectKey("é")!], in: bucket)
        // The reader lets go of the blob behind the scenes.
        let deadline = ContinuousClock.now + Patience.usual
        let prefix = String(blob.sha256.prefix(2))
        while try await !blobs.names(prefix: prefix).isEmpty, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try await blobs.names(prefix: prefix).isEmpty)
    }
}
