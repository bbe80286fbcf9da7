import Foundation
import TestSupport
import Testing

/// Who may read what the server keeps.
@Suite struct DataFolderTests {
    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func whatIsMadeIsItsOwnersAlone() async throws {
        let server = try await AgrovetProcess.start()
        _ = try await HTTPTestClient(server).upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"])
        let paths = try FileManager.default.subpathsOfDirectory(atPath: server.dataFolder)
        #expect(paths.contains("db/media.sqlite") && paths.contains { $0.hasPrefix("objects/") })
        for path in [""] + paths {
            // What comes and goes meanwhile is as it was made.
            guard let mode = try? mode(server.dataFolder + "/" + path) else { continue }
            #expect(mode & 0o077 == 0, "\(path): \(String(mode, radix: 8))")
        }
        #expect(await server.stop() == 0)
    }

    /// Of a folder from before: its group may have been let in for backups, others never were.
    @Test func aFolderThatIsThereIsClosedToOthers() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        for name in ["db", "objects"] {
            try FileManager.default.createDirectory(
                atPath: data + "/" + name, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        }
        let server = try await AgrovetProcess.start(dataFolder: data)
        #expect(try mode(data + "/db") == 0o750 && mode(data + "/objects") == 0o750)
        #expect(try mode(data + "/db/media.sqlite") == 0o600)
        #expect(await server.stop() == 0)
    }
}
