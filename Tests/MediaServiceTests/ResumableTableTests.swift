import MediaService
import Persistence
import TestSupport
import Testing

/// On both engines.
@Suite struct ResumableTableTests {
    private func database(_ dialect: SQLDialect, _ folder: TemporaryFolder) async throws -> any Database {
        let database: any Database =
            switch dialect {
            case .sqlite: try SQLiteDatabase(.init(path: folder.path + "/media.sqlite"))
            case .postgresql: PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
            }
        try await Migrator.migrate(database, service: "media", MediaService.migrations)
        return database
    }

    @Test(arguments: SQLDialect.allCases)
    func anUploadComesBackAsItWasAndOnlyToItsOwner(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await database(dialect, folder)
        let pieces = [UploadID(), UploadID()]
        for upload in [
            ResumableUpload(owner: "ana", length: 5_000_000_000, received: 7, metadata: "title YQ==", expires: 1000),
            ResumableUpload(owner: "ana", length: nil, part: .partial, expires: 1000),
            ResumableUpload(owner: "ana", length: 10, received: 10, part: .final(pieces), expires: 1000),
        ] {
            try await database.write { try ResumableTable.insert(upload, on: $0) }
            #expect(try await database.read { try ResumableTable.find(upload.id, of: "ana", on: $0) } == upload)
            #expect(try await database.read { try ResumableTable.find(upload.id, of: "eva", on: $0) } == nil)
            var changed = upload
            changed.length = 6_000_000_000
            changed.received = 5_500_000_000
            changed.expires = 2000
            try await database.write { [changed] in try ResumableTable.update(changed, on: $0) }
            #expect(try await database.read { try ResumableTable.find(upload.id, of: "ana", on: $0) } == changed)
        }
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func anUploadBecomesAnItemOnce(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await database(dialect, folder)
        let upload = ResumableUpload(owner: "ana", length: 7, received: 7, expires: 1000)
        let partial = ResumableUpload(owner: "ana", length: 7, received: 7, part: .partial, expires: 1000)
        try await database.write { connection in
            try ResumableTable.insert(upload, on: connection)
            try ResumableTable.insert(partial, on: connection)
        }
        #expect(upload.awaitsIntake)
        #expect(!partial.awaitsIntake)
        #expect(try await database.read { try ResumableTable.awaitingIntake(now: 999, limit: 10, on: $0) } == [upload])
        #expect(try await database.read { try ResumableTable.awaitingIntake(now: 1000, limit: 10, on: $0) } == [])
        #expect(try await database.read { try ResumableTable.unfinished(of: "ana", now: 999, on: $0) } == 2)
        let media = MediaID()
        #expect(try await database.write { try ResumableTable.settle(upload.id, as: media, on: $0) })
        #expect(try await !database.write { try ResumableTable.settle(upload.id, as: MediaID(), on: $0) })
        #expect(try await database.read { try ResumableTable.find(upload.id, of: "ana", on: $0) }?.mediaID == media)
        #expect(try await database.read { try ResumableTable.unfinished(of: "ana", now: 999, on: $0) } == 1)
        #expect(try await database.read { try ResumableTable.expired(before: 999, limit: 10, on: $0) } == [])
        #expect(try await database.read { try ResumableTable.expired(before: 1000, limit: 10, on: $0) }.count == 2)
        try await database.write { try ResumableTable.delete(upload.id, on: $0) }
        #expect(try await database.read { try ResumableTable.find(upload.id, of: "ana", on: $0) } == nil)
        await database.close()
    }
}
