import Foundation
import TestSupport
import Testing

/// Connections that use up what the process may have open.
@Suite struct OpenFilesTests {
    @Test func theLimitIsRaisedAsFarAsItMayBe() async throws {
        let server = try await AgrovetProcess.start(openFiles: (soft: 300, hard: 900))
        let limits = try String(contentsOfFile: "/proc/\(server.processID)/limits", encoding: .utf8)
        let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
        #expect(line.split(separator: " ").dropFirst(3).prefix(2) == ["900", "900"])
        #expect(await server.stop() == 0)
    }

    @Test func withTooFewAServerDoesNotStart() async throws {
        let folder = try TemporaryFolder()
        let command = #"ulimit -n 100 && exec "$0" serve --port 0 --s3-port 0 --data "$1""#
        let refused = try await ChildProcess.run("/bin/sh", ["-c", command, Executables.agrovet, folder.path + "/storage"])
        #expect(refused.status == 1, "\(refused)")
        #expect(refused.errors.contains("only 100 files open") && refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
    }

    /// Far more clients than there are descriptors: those that are served go on being served, the others wait.
    @Test func moreConnectionsThanDescriptorsStopNobody() async throws {
        let server = try await AgrovetProcess.start(openFiles: (soft: 600, hard: 600))
        let port = try #require(URL(string: server.baseURL)?.port)
        let served = try RawSocket(port: port)
        defer { served.close() }
        func answer(_ method: String, _ path: String, _ headers: String = "", _ body: Data = Data()) throws -> String {
            try served.send(Data("\(method) \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.count)\r\n\(headers)\r\n".utf8) + body)
            return String(served.receiveAnswer().head.prefix { $0 != "\r\n" })
        }
        #expect(try answer("GET", "/health/live/").contains("200"))

        let idle = try (0..<900).map { _ in try RawSocket(port: port) }
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        let form =
            Data("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.jpg\"\r\n\r\n".utf8) + photo
            + Data("\r\n--b--\r\n".utf8)
        for _ in 0..<20 {
            let status = try answer(
                "POST", "/api/media/",
                "Authorization: Bearer \(server.token)\r\nContent-Type: multipart/form-data; boundary=b\r\nPrefer: wait=30\r\n", form)
            #expect(status.contains("201"), "\(status)")
        }
        #expect(server.openFileCount < 600)
        #expect(try answer("GET", "/health/ready/").contains("200"))

        for connection in idle { connection.close() }
        #expect(try await HTTPTestClient(server).request(.GET, "/api/media/").status == 200)
        #expect(await server.stop() == 0)
    }
}
