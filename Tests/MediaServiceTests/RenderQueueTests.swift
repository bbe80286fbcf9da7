import MediaService
import Persistence
import TestSupport
import Testing

/// On both engines: the statements are the same, their locking is not.
@Suite struct RenderQueueTests {
    private func database(_ dialect: SQLDialect, _ folder: TemporaryFolder) async throws -> any Database {
        let database: any Database =
            switch dialect {
            case .sqlite: try SQLiteDatabase(.init(path: folder.path + "/media.sqlite"))
            case .postgresql: PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
            }
        try await Migrator.migrate(database, service: "media", MediaService.migrations)
        return database
    }

    private func enqueue(_ count: Int, in database: any Database) async throws -> [MediaID] {
        let ids = (0..<count).map { _ in MediaID() }
        try await database.write { connection in
            for id in ids {
                try connection.execute(
                    """
                    INSERT INTO media (id, kind, status, title, alt, visibility, purpose, filename, format, size, width, height, has_alpha, sha256, owner, created, updated)
                    VALUES ($1, 'image', 'processing', '', '', 'public', '', '', 'jpeg', 1, 1, 1, 0, '', 'ana', 0, 0)
                    """, [SQLValue(id.description)])
                try RenderQueue.enqueue(id, now: 1000, on: connection)
            }
        }
        return ids
    }

    @Test(arguments: SQLDialect.allCases)
    func aLeasedJobIsNobodyElsesUntilTheLeaseEnds(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await database(dialect, folder)
        let ids = try await enqueue(1, in: database)
        let first = try await database.write { try RenderQueue.leaseNext(owner: "a", now: 1000, until: 2000, on: $0) }
        #expect(first?.mediaID == ids[0])
        #expect(first?.attempt == 1)
        #expect(try await database.write { try RenderQueue.leaseNext(owner: "b", now: 1999, until: 3000, on: $0) } == nil)
        #expect(try await database.write { try RenderQueue.lease(ids[0], owner: "b", now: 1999, until: 3000, on: $0) } == nil)
        let second = try await database.write { try RenderQueue.leaseNext(owner: "b", now: 2000, until: 3000, on: $0) }
        #expect(second?.mediaID == ids[0])
        #expect(second?.attempt == 2, "an attempt is counted when the job is taken")
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func onlyTheHolderRenewsAndReleases(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await database(dialect, folder)
        _ = try await enqueue(1, in: database)
        let lease = try #require(try await database.write { try RenderQueue.leaseNext(owner: "a", now: 1000, until: 2000, on: $0) })
        try await database.write { connection in
            #expect(try RenderQueue.end(of: lease, owner: "a", on: connection) == 2000)
            #expect(try RenderQueue.end(of: lease, owner: "b", on: connection) == nil)
            #expect(try !RenderQueue.renew(lease, owner: "b", until: 9000, on: connection))
            try RenderQueue.release(lease, owner: "b", runAfter: 0, countsAs: .attempt, on: connection)
        }
        #expect(try await database.write { try RenderQueue.leaseNext(owner: "c", now: 1500, until: 3000, on: $0) } == nil)
        #expect(try await database.write { try RenderQueue.renew(lease, owner: "a", until: 3000, on: $0) })
        #expect(try await database.read { try RenderQueue.end(of: lease, owner: "a", on: $0) } == 3000)
        try await database.write { try RenderQueue.release(lease, owner: "a", runAfter: 5000, countsAs: .nothing, on: $0) }
        #expect(try await database.write { try RenderQueue.leaseNext(owner: "c", now: 4999, until: 6000, on: $0) } == nil, "not due yet")
        let again = try await database.write { try RenderQueue.leaseNext(owner: "c", now: 5000, until: 6000, on: $0) }
        #expect(again?.attempt == 1, "an attempt that was not the file's fault does not count")
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func aKillFromOutsideIsCountedByItself(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await database(dialect, folder)
        _ = try await enqueue(1, in: database)
        for kills in 0..<3 {
            let lease = try #require(try await database.write { try RenderQueue.leaseNext(owner: "a", now: 1000, until: 2000, on: $0) })
            #expect(lease.attempt == 1 && lease.kills == kills)
            try await database.write { try RenderQueue.release(lease, owner: "a", runAfter: 1000, countsAs: .kill, on: $0) }
        }
        let lease = try #require(try await database.write { try RenderQueue.leaseNext(owner: "a", now: 1000, until: 2000, on: $0) })
        try await database.write { try RenderQueue.release(lease, owner: "a", runAfter: 1000, countsAs: .attempt, on: $0) }
        let last = try await database.write { try RenderQueue.leaseNext(owner: "a", now: 1000, until: 2000, on: $0) }
        #expect(last?.attempt == 2 && last?.kills == 3)
        await database.close()
    }

    @Test(arguments: SQLDialect.allCases)
    func workersThatRaceNeverGetTheSameJob(_ dialect: SQLDialect) async throws {
        let folder = try TemporaryFolder()
        let database = try await database(dialect, folder)
        let ids = try await enqueue(40, in: database)
        let taken = try await withThrowingTaskGroup(of: [MediaID].self) { group in
            for worker in 0..<8 {
                group.addTask {
                    var mine: [MediaID] = []
                    while let lease = try await database.write({
                        try RenderQueue.leaseNext(owner: "worker \(worker)", now: 1000, until: 9000, on: $0)
                    }) { mine.append(lease.mediaID) }
                    return mine
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(taken.count == 40)
        #expect(Set(taken) == Set(ids))
        await database.close()
    }
}
