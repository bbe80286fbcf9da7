import Foundation
import Logging
import NIOCore
import ObjectStorage
import Persistence
import StorageTrial
import TestSupport
import Testing

/// `kill -9` in a storm of puts, completed uploads and deletes: what was acknowledged is there, whole, and nothing half-made.
@Suite(.serialized) struct StorageKillTests {
    /// What a key may have: the number of an object; nil: nothing.
    private struct Expected {
        var settled: Int?
        var begun: Int?
    }

    private static func lines(_ path: String) -> [Substring] {
        (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n") ?? []
    }

    @Test func whatWasAcknowledgedIsWholeAfterEveryKill() async throws {
        let folder = try TemporaryFolder()
        var expected: [String: Expected] = [:]
        for seed in 1...5 {
            let output = folder.path + "/said-\(seed)"
            let storm = try ChildProcess(
                Executables.beside("StorageTrial"), ["storm", folder.path, "\(seed)"], output: output, errors: folder.path + "/errors")
            let deadline = ContinuousClock.now + Patience.usual
            while Self.lines(output).count < 400 + 150 * seed, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(5))
            }
            kill(storm.processID, SIGKILL)
            _ = await storm.wait()
            let lines = Self.lines(output)
            try #require(lines.count >= 400, "\((try? String(contentsOfFile: folder.path + "/errors", encoding: .utf8)) ?? "")")
            for line in lines {
                let words = line.split(separator: " ")
                switch words[0] {
                case "begin": expected[String(words[1]), default: .init()].begun = Int(words[2])
                case "put": expected[String(words[1])] = .init(settled: Int(words[2]))
                default: expected[String(words[1])] = .init()
                }
            }
            expected = try await check(folder, expected)
        }
    }

    /// Compares, and says what there is: the next storm goes on from there.
    private func check(_ folder: TemporaryFolder, _ expected: [String: Expected]) async throws -> [String: Expected] {
        let database = try SQLiteDatabase(.init(path: folder.path + "/objects.sqlite"))
        let blobs = try LocalBlobStore(folder: folder.path + "/objects", temporaryFolder: folder.path + "/tmp")
        let store = VersionedObjectStore(database: database, blobs: blobs, logger: StoreFixture.logger)
        let bucket = BucketName("trial")!
        let recovery = try await store.recover()
        #expect(recovery.missing.isEmpty)
        var found: [String: Expected] = [:]
        for (key, expectation) in expected {
            let version = try await store.find(ObjectKey(key)!, version: nil, in: bucket)
            var bytes: ByteBuffer?
            if let version {
                let reader = try #require(try await store.open(version, in: bucket))
                bytes = try await reader.read(0..<version.size)
            }
            let number = bytes?.getInteger(at: 0, as: UInt64.self).map { Int($0) }
            let allowed =
                [expectation.settled, expectation.begun].contains(number) || (number == nil && expectation.begun.map { $0 % 5 } == 0)
            #expect(allowed, "\(key) has \(String(describing: number)) and not \(expectation)")
            if let number { #expect(bytes == StormBytes.of(number), "\(key) is not whole") }
            found[key] = .init(settled: number)
        }
        let report = try await store.verify()
        #expect(report.isFine && report.orphans.isEmpty)
        // Uploads that were begun are all that the kill may have left; they can be ended.
        for upload in try await store.listUploads(bucket, .init()).items { try await store.abort(upload) }
        let usage = try await store.usage(bucket)
        #expect(usage.versions == found.values.filter { $0.settled != nil }.count)
        _ = try await store.collectGarbage(deadShare: 0.1)
        #expect(try await store.verify().isFine)
        try await store.close()
        await database.close()
        return found
    }
}
