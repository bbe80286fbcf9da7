import ArgumentParser
import Foundation
import Logging
import ObjectStorage
import Persistence

/// `agrovet storage`: looks after the bytes of a data folder.
struct StorageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage", abstract: "Check, tidy and count what is stored.", subcommands: [Verify.self, Collect.self, Usage.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Read every blob and compare it with its SHA-256; exit status 1 where something is missing or rotten.",
            discussion: "Without --repair this works while the server runs.")
        @Flag(help: "Remove what nothing names, and set rotten blobs aside. The server must not run.")
        var repair = false
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let report = try await StorageCommand.withStore(options, change: repair) { try await $0.verify(repair: repair) }
            for finding in report.findings {
                let place = finding.place.map { "pack \($0.pack) at \($0.offset)" } ?? "file"
                print("\(finding.fault.rawValue) \(finding.sha256) (\(place))")
                for victim in finding.victims {
                    let name = victim.bucket.map { "\($0)/\(victim.key?.description ?? "") version \(victim.versionID ?? "")" }
                    print("    hits " + (name ?? "a part of an upload that is not complete"))
                }
            }
            for orphan in report.orphans { print("orphan \(orphan)\(repair ? " removed" : "")") }
            print(
                "\(report.blobs) blobs with \(report.bytes) bytes read, \(report.findings.count) missing or rotten, "
                    + "\(report.orphans.count) that nothing names")
            if !report.isFine { throw ExitCode.failure }
        }
    }

    struct Collect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "gc", abstract: "Remove what nothing names, and give the room of deleted small objects back.",
            discussion: "The server does the same from time to time (setting storage-gc-interval); this is for when it does not run.")
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let share = Double(try options.load()[SettingsCatalogue.storageDeadShare]) / 100
            let garbage = try await StorageCommand.withStore(options, change: true) { try await $0.collectGarbage(deadShare: share) }
            print(
                "\(garbage.orphans) orphans and \(garbage.packs) packs removed, \(garbage.moved) blobs moved, \(garbage.bytes) bytes of "
                    + "packs came free")
            if !garbage.kept.isEmpty { print("packs that cannot be read whole stay: \(garbage.kept); see agrovet storage verify") }
        }
    }

    struct Usage: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "usage", abstract: "Count objects and bytes of every bucket; also while the server runs.")
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let (buckets, total) = try await StorageCommand.withStore(options, change: false) { store in
                var rows: [(name: String, versions: Int, bytes: Int)] = []
                var after: String?
                while true {
                    let page = try await store.buckets(owner: nil, prefix: "", after: after, limit: 1000)
                    for bucket in page {
                        let usage = try await store.usage(bucket.name)
                        rows.append((bucket.name.description, usage.versions, usage.bytes))
                    }
                    guard let last = page.last else { break }
                    after = last.name.description
                }
                return (rows, try await store.storedBytes())
            }
            let width = max(6, buckets.map { $0.name.utf8.count }.max() ?? 0)
            func line(_ name: String, _ versions: String, _ bytes: String) {
                func right(_ text: String) -> String { String(repeating: " ", count: max(0, 16 - text.utf8.count)) + text }
                print(name.padding(toLength: width, withPad: " ", startingAt: 0) + right(versions) + right(bytes))
            }
            line("bucket", "versions", "bytes")
            for bucket in buckets { line(bucket.name, "\(bucket.versions)", "\(bucket.bytes)") }
            print("\(total) bytes of blobs are stored")
        }
    }

    /// Opens the storage of a data folder for one command.
    /// - Parameter change: have it alone; without, it is read beside a server that runs.
    static func withStore<T: Sendable>(
        _ options: SettingsOptions, change: Bool, _ body: (VersionedObjectStore) async throws -> T
    ) async throws -> T {
        let settings = try options.load()
        do {
            let folder = DataFolder(path: settings[SettingsCatalogue.data])
            guard FileManager.default.fileExists(atPath: folder.databases + "/objects.sqlite") else {
                throw DataFolder.Failure(description: "\(folder.path) holds no storage (setting data)")
            }
            let logger = Logger(label: "agrovet.storage") { StreamLogHandler.standardError(label: $0) }
            let blobs = try await Server(settings: settings).openBlobs(folder, logger, isExclusive: change)
            let database = try Server(settings: settings).openSQLite("objects", folder)
            if change { try await Migrator.migrate(database, service: "objects", Server.indexMigrations) }
            var configuration = VersionedObjectStore.Configuration(settings)
            // What the server changes meanwhile is not known here.
            configuration.cachedObjects = 0
            let result = try await body(
                VersionedObjectStore(database: database, blobs: blobs.store, configuration: configuration, logger: logger))
            await blobs.close()
            await database.close()
            return result
        } catch let failure as FolderLock.Failure {
            Terminal.complain("agrovet storage: \(failure.description): stop the server for this")
            throw ExitCode.failure
        } catch {
            Terminal.complain("agrovet storage: \(error)")
            throw ExitCode.failure
        }
    }
}
