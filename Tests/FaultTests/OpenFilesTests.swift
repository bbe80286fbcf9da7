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

    /// Connections that say nothing, held by a process of its own: what this one may have open is for all tests.
    private func holdingConnections(_ count: Int, to port: Int, _ body: () async throws -> Void) async throws {
        let script = """
            import resource, socket, sys, time
            most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
            held = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(int(sys.argv[2]))]
            print(len(held), flush=True)
            time.sleep(3600)
            """
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let (output, errors) = (folder.path + "/connected", folder.path + "/errors")
        func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        let holder = try ChildProcess("python3", ["-c", script, "\(port)", "\(count)"], output: output, errors: errors)
        var problem: (any Error)?
        do {
            let deadline = ContinuousClock.now + Patience.usual
            while text(output) != "\(count)\n" {
                guard ContinuousClock.now < deadline, !holder.hasExited else {
                    throw AgrovetProcess.Failure(description: "there are no \(count) connections: \(text(errors))")
                }
                try await Task.sleep(for: .milliseconds(20))
            }
            try await body()
        } catch {
            problem = error
        }
        holder.kill(SIGKILL)
        _ = await holder.wait()
        if let problem { throw problem }
    }

    /// On a thread of its own: a socket that waits must not hold a thread that tests run on.
    private func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Far more clients than there are descriptors: those that are served go on being served, the others wait.
    @Test func moreConnectionsThanDescriptorsStopNobody() async throws {
        let server = try await AgrovetProcess.start(openFiles: (soft: 600, hard: 600))
        let port = try #require(URL(string: server.baseURL)?.port)
        let served = try RawSocket(port: port, timeout: Int(Patience.usual.components.seconds))
        defer { served.close() }
        @Sendable func answer(_ method: String, _ path: String, _ headers: String = "", _ body: Data = Data()) throws -> String {
            try served.send(Data("\(method) \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.count)\r\n\(headers)\r\n".utf8) + body)
            return String(served.receiveAnswer().head.prefix { $0 != "\r\n" })
        }
        let live = try await blocking { try answer("GET", "/health/live/") }
        #expect(live.contains("200"))

        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        let form =
            Data("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.jpg\"\r\n\r\n".utf8) + photo
            + Data("\r\n--b--\r\n".utf8)
        let fields = "Authorization: Bearer \(server.token)\r\nContent-Type: multipart/form-data; boundary=b\r\nPrefer: wait=30\r\n"
        try await holdingConnections(900, to: port) {
            for _ in 0..<20 {
                let status = try await blocking { try answer("POST", "/api/media/", fields, form) }
                #expect(status.contains("201"), "\(status)")
            }
            #expect(server.openFileCount < 600)
            let ready = try await blocking { try answer("GET", "/health/ready/") }
            #expect(ready.contains("200"))
        }

        #expect(try await HTTPTestClient(server).request(.GET, "/api/media/").status == 200)
        #expect(await server.stop() == 0)
    }
}
