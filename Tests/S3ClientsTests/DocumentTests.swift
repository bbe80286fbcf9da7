import Foundation
import TestSupport
import Testing

@Suite struct DocumentTests {
    @Test func everySettingOfS3IsDocumented() async throws {
        let document = try String(contentsOfFile: Executables.packageRoot + "/docs/S3.md", encoding: .utf8)
        let configuration = try await ChildProcess.run(Executables.agrovet, ["config"]).output
        let settings = configuration.split(separator: "\n").compactMap { $0.firstMatch(of: /^(s3[a-z0-9-]*):/)?.output.1 }
        #expect(settings.count > 5)
        for setting in settings { #expect(document.contains("| `\(setting)` |"), "\(setting)") }
    }

    @Test func everyClientOfTheDocumentIsSetUpByItsLines() throws {
        let folder = try TemporaryFolder()
        try DocumentedLines.write(to: folder.path, endpoint: "http://127.0.0.1:1234")
        let names = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
        #expect(names == ["awscli", "boto3", "s3cmd", "rclone", "restic", "s3fs", "minio", "django-storages"])
        for name in names {
            #expect(try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8).contains("127.0.0.1:1234"), "\(name)")
        }
    }
}
