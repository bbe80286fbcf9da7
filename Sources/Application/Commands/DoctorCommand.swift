import ArgumentParser
import Codecs
import Foundation
import MediaService
import ObjectStorage
import Persistence

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check libraries, disk, permissions and the database; exit status 1 where something is wrong.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.load()
        var report = Report()
        report.note("agrovet", Agrovet.version)
        report.note("system", ProcessInfo.processInfo.operatingSystemVersionString)
        for library in CodecLibraries.versions { report.note(library.name, library.version) }
        checkLibraries(settings, &report)
        report.note("libpq", DatabaseLibraries.libpq)
        report.note("SQLite", DatabaseLibraries.sqlite)
        checkFolder(DataFolder(path: settings[SettingsCatalogue.data]), settings, &report)
        await checkDatabases(settings, &report)
        await checkStorage(settings, &report)
        await checkScanner(settings, &report)
        print(report.text)
        if report.hasFailures { throw ExitCode.failure }
    }

    private func checkLibraries(_ settings: Settings, _ report: inout Report) {
        if CodecLibraries.load(.heif) {
            for plugin in CodecLibraries.plugins {
                // Only what is switched on has to be there.
                if plugin.name == "AVIF encoder", !plugin.isThere, !settings[SettingsCatalogue.avif] {
                    report.note(plugin.name, "missing; it is not switched on (setting avif)")
                } else {
                    report.check(plugin.name, plugin.isThere, plugin.isThere ? "there" : "missing: install libheif's plugin for it")
                }
            }
        } else {
            report.check("HEIC and AVIF", false, "they are refused: install libheif (libheif1)")
        }
        if !CodecLibraries.load(.video) {
            report.check("videos", false, "they are refused: install libavformat, libswscale and libswresample (Debian: ffmpeg)")
        }
    }

    private func checkFolder(_ folder: DataFolder, _ settings: Settings, _ report: inout Report) {
        do {
            let isThere = try folder.look()
            report.check(
                "data folder", true, isThere ? "\(folder.path) can be written" : "\(folder.path) is not there yet; the first start makes it"
            )
        } catch {
            report.check("data folder", false, error.description)
            return
        }
        for (path, name, allowed) in [
            (folder.databases, "databases", 0o770), (folder.keys, "keys folder", 0o700), (folder.apiToken, "API token", 0o600),
            (folder.signingKey, "signing key", 0o600),
            (folder.webhookKey, "webhook key", 0o600),
        ] {
            guard let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int else { continue }
            report.check(
                name, mode & ~allowed == 0,
                "mode \(String(mode, radix: 8))" + (mode & ~allowed == 0 ? "" : ", should be \(String(allowed, radix: 8))"))
        }
        if let free = try? folder.freeBytes() {
            report.check("disk", free >= settings[SettingsCatalogue.minimumFreeDisk], "\(free / 1_048_576) MiB free")
        }
    }

    private func checkDatabases(_ settings: Settings, _ report: inout Report) async {
        var databases = settings[SettingsCatalogue.databaseURLs].map { (name: "PostgreSQL of \($0.key)", url: $0.value) }
        databases.sort { $0.name < $1.name }
        databases.insert(("PostgreSQL", settings[SettingsCatalogue.databaseURL]), at: 0)
        for (name, url) in databases where !url.isEmpty {
            let database = PostgreSQLDatabase(configuration: .init(url: url, connections: 1))
            do {
                let version = try await database.read { try $0.query("SHOW server_version").first?.text("server_version") ?? "" }
                report.check(name, true, version)
            } catch DatabaseError.unavailable(let reason) {
                report.check(name, false, reason)
            } catch {
                report.check(name, false, "\(error)")
            }
            await database.close()
        }
    }

    private func checkStorage(_ settings: Settings, _ report: inout Report) async {
        guard settings[SettingsCatalogue.objectStore] == "s3" else { return }
        do {
            let folder = DataFolder(path: settings[SettingsCatalogue.data])
            try await UpstreamBlobStore.look(UpstreamConfiguration(settings), folder: folder.objects)
            report.check("S3 storage", true, "the endpoint answers")
        } catch {
            report.check("S3 storage", false, "\(error)")
        }
    }

    private func checkScanner(_ settings: Settings, _ report: inout Report) async {
        guard let clamd = Clamd(settings) else { return }
        do {
            report.check("clamd", true, try await clamd.version())
        } catch {
            report.check("clamd", false, "\(error) (setting clamd)")
        }
        clamd.close()
    }

    /// Lines of name and finding, with a mark before each.
    private struct Report {
        private var lines: [String] = []
        private(set) var hasFailures = false
        var text: String { lines.joined(separator: "\n") }

        mutating func note(_ name: String, _ finding: String) { add("  ", name, finding) }

        mutating func check(_ name: String, _ isFine: Bool, _ finding: String) {
            hasFailures = hasFailures || !isFine
            add(isFine ? "✓ " : "✗ ", name, finding)
        }

        private mutating func add(_ mark: String, _ name: String, _ finding: String) {
            lines.append(mark + name + String(repeating: " ", count: max(1, 16 - name.count)) + finding)
        }
    }
}
