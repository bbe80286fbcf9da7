import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import ServiceTestSupport
import TestSupport
import Testing
import WebAPI

@Suite struct ReadyAnswerTests {
    /// One answer at `/ready`, and whether it was asked for.
    private final class Single: ReadyAnswers {
        let answer: ReadyAnswer
        let asked = Mutex(0)

        init(_ content: ReadyAnswer.Content, size: Int) {
            answer = ReadyAnswer(
                route: "/ready", validators: Validators(etag: "\"abc\"", lastModified: Date(timeIntervalSince1970: 784_111_777)),
                size: size,
                content: content, fields: [.eTag: "\"abc\"", .cacheControl: "public"], contentFields: [.contentType: "image/webp"])
        }

        static func text(_ text: String) -> Single { Single(.bytes(ByteBuffer(string: text)), size: text.utf8.count) }

        /// A file whose byte at each place is that place modulo 251.
        static func file(_ size: Int, in folder: TemporaryFolder) throws -> Single {
            let path = folder.path + "/file"
            try Data((0..<size).lazy.map { UInt8($0 % 251) }).write(to: URL(fileURLWithPath: path))
            return Single(.file(OpenFile(owning: open(path, O_RDONLY | O_CLOEXEC))), size: size)
        }

        func reply(to request: ReadyRequest) -> ReadyReply? {
            guard request.head.uri == "/ready", !request.hasCredentials else { return nil }
            asked.withLock { $0 += 1 }
            return .kept(answer)
        }
    }

    /// What the usual way says at the same address.
    private static let usual = Route(.get, "/ready", "The usual way") { request, _ in
        Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "usual")))
    }
    private static let slow = Route(.get, "/slow/", "Takes its time") { _, _ in
        try await Task.sleep(for: .milliseconds(100))
        return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "slow")))
    }

    private func get(_ fields: String = "", _ method: String = "GET", path: String = "/ready") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"
    }

    @Test func itIsGivenWithoutTheUsualWay() async throws {
        let ready = Single.text("0123456789")
        let metrics = MetricsRegistry()
        try await TestServer.run([Self.usual], ready: ready, metrics: metrics) { server in
            let answer = try await server.speak { socket in
                try socket.send(get("X-Request-Id: mine\r\n"))
                return socket.receiveAnswer()
            }
            #expect(answer.content == Array("0123456789".utf8))
            for line in [
                "HTTP/1.1 200 OK", "ETag: \"abc\"", "Content-Type: image/webp", "Content-Length: 10", "X-Request-Id: mine",
                "X-Content-Type-Options: nosniff", "Server: agrovet",
            ] { #expect(answer.head.contains(line + "\r\n"), "\(line)") }
            #expect(answer.head.contains(/\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/))
            #expect(server.log.text.contains("mine") && server.log.text.contains("/ready"))
        }
        #expect(await metrics.exposition().contains(#"agrovet_http_requests_total{method="GET",route="/ready",status="200"} 1"#))
    }

    @Test(arguments: [
        ("GET", "Range: bytes=2-4\r\n", 206, "234", "Content-Range: bytes 2-4/10"),
        ("GET", "Range: bytes=-3\r\n", 206, "789", "Content-Range: bytes 7-9/10"),
        ("GET", "range: Bytes=8-\r\n", 206, "89", "Content-Range: bytes 8-9/10"),
        ("GET", "Range: bytes=10-\r\n", 416, "", "Content-Range: bytes */10"),
        ("GET", "Range: bytes=2-4\r\nIf-Range: \"abc\"\r\n", 206, "234", "Content-Length: 3"),
        ("GET", "Range: bytes=2-4\r\nIf-Range: \"old\"\r\n", 200, "0123456789", "Content-Length: 10"),
        ("GET", "Range: bytes=2-4\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 206, "234", "Content-Length: 3"),
        ("GET", "If-None-Match: \"abc\"\r\n", 304, "", "ETag: \"abc\""),
        ("GET", "If-None-Match: \"x\"\r\nIf-None-Match: W/\"abc\"\r\n", 304, "", "ETag: \"abc\""),
        ("GET", "If-None-Match: \"x\"\r\n", 200, "0123456789", "Content-Length: 10"),
        ("GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 304, "", "Cache-Control: public"),
        ("GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 200, "0123456789", "Content-Length: 10"),
        ("HEAD", "", 200, "", "Content-Length: 10"),
        ("HEAD", "Range: bytes=2-4\r\n", 200, "", "Content-Length: 10"),
        ("HEAD", "If-None-Match: *\r\n", 304, "", "ETag: \"abc\""),
    ])
    func conditionsAndRangesHold(_ method: String, _ fields: String, _ status: Int, _ content: String, _ line: String) async throws {
        let folder = try TemporaryFolder()
        try Data("0123456789".utf8).write(to: URL(fileURLWithPath: folder.path + "/file"))
        let file = OpenFile(owning: open(folder.path + "/file", O_RDONLY | O_CLOEXEC))
        for ready in [Single.text("0123456789"), Single(.file(file), size: 10)] {
            try await TestServer.run([Self.usual], ready: ready) { server in
                let (first, next) = try await server.speak { socket in
                    // The next answer would be out of step with a wrong length.
                    try socket.send(get(fields, method) + get())
                    return (socket.receiveAnswer(hasContent: method == "GET" && status != 304), socket.receiveAnswer())
                }
                #expect(first.head.hasPrefix("HTTP/1.1 \(status) "), "\(first.head)")
                #expect(first.content == Array(content.utf8))
                #expect(first.head.contains(line + "\r\n"), "\(first.head)")
                // An error is not kept as the content is.
                #expect(first.head.contains("Cache-Control: \(status == 416 ? "no-store" : "public")\r\n"), "\(first.head)")
                #expect(status != 304 || !first.head.lowercased().contains("content-length"))
                #expect(next.content == Array("0123456789".utf8))
            }
        }
    }

    @Test(arguments: [
        ("Authorization: Bearer token\r\n", ""), ("Connection: close\r\n", ""), ("If-Match: \"abc\"\r\n", ""),
        ("Content-Length: 4\r\n", "body"), ("Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n"),
        ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", ""),
    ])
    func whatIsOutOfTheOrdinaryGoesTheUsualWay(_ fields: String, _ body: String) async throws {
        let ready = Single.text("0123456789")
        try await TestServer.run([Self.usual], ready: ready) { server in
            let answer = try await server.speak { socket in
                try socket.send(get(fields) + body)
                return socket.receiveAnswer()
            }
            #expect(answer.content == Array("usual".utf8))
            #expect(ready.asked.withLock { $0 } == 0)
        }
    }

    @Test func answersKeepTheOrderOfTheirRequests() async throws {
        try await TestServer.run([Self.usual, Self.slow], ready: Single.text("ready")) { server in
            let contents = try await server.speak { socket in
                try socket.send(
                    ["/ready", "/ready", "/slow/", "/ready", "/nowhere/", "/ready", "/slow/", "/ready"].map { get(path: $0) }.joined())
                return (0..<8).map { _ in String(decoding: socket.receiveAnswer().content, as: UTF8.self) }
            }
            #expect(contents[0...2] == ["ready", "ready", "slow"])
            #expect(contents[4].contains("not_found") && contents[6] == "slow")
            for place in [3, 5, 7] { #expect(["ready", "usual"].contains(contents[place]), "\(contents)") }
        }
    }

    @Test func aClientThatHasSaidAllStillGetsItsAnswers() async throws {
        let folder = try TemporaryFolder()
        try await TestServer.run([Self.usual], ready: Single.file(8_000_000, in: folder)) { server in
            let answers = try await server.speak { socket in
                try socket.send(get() + get("Range: bytes=0-4\r\n"))
                socket.finishSending()
                return (socket.receiveAnswer(), socket.receiveAnswer())
            }
            #expect(answers.0.content.count == 8_000_000)
            #expect(answers.0.content.last == UInt8(7_999_999 % 251))
            #expect(!answers.1.content.isEmpty)
        }
    }

    @Test func requestsWithoutEndFromAClientThatReadsNothingAreHeldUp() async throws {
        let ready = Single.text(String(repeating: "x", count: 100_000))
        try await TestServer.run([Self.usual], limits: HTTPConnectionLimits(sendTimeout: .milliseconds(500)), ready: ready) { server in
            // The socket's own buffers hold some megabytes; behind them nothing may pile up.
            try await server.speak { socket in try? socket.send(String(repeating: get(), count: 100_000)) }
            #expect(ready.asked.withLock { $0 } < 1000, "\(ready.asked.withLock { $0 }) answers for nobody")
        }
    }

    /// From memory, from a file, and from a handler that streams.
    @Test(arguments: ["memory", "file", "handler"])
    func aClientThatTakesNothingIsLetGo(_ source: String) async throws {
        let folder = try TemporaryFolder()
        let size = 64 * 1024 * 1024
        let stream = Route(.get, "/stream/", "Streams") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody(contentLength: size) { writer in
                    for _ in 0..<(size / 65_536) { try await writer.write(ByteBuffer(repeating: 1, count: 65_536)) }
                    try await writer.finish(nil)
                })
        }
        let ready = source == "file" ? try Single.file(size, in: folder) : Single(.bytes(ByteBuffer(repeating: 1, count: size)), size: size)
        try await TestServer.run([stream], limits: HTTPConnectionLimits(sendTimeout: .milliseconds(600)), ready: ready) { server in
            let came = try await server.speak { socket in
                try socket.send(get(path: source == "handler" ? "/stream/" : "/ready"))
                _ = socket.receive(bytes: 1000)
                // What the connection still holds then is read.
                for _ in 0..<3600 where !server.log.text.contains("does not read its answer") { Thread.sleep(forTimeInterval: 0.05) }
                return socket.receive(bytes: size).count
            }
            #expect(came < size - 1_000_000, "the connection was closed before the end")
            #expect(try await server.exchange("GET /nowhere/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").contains("404"))
        }
    }

    @Test func aClientThatReadsSlowlyGetsAll() async throws {
        let folder = try TemporaryFolder()
        let size = 20_000_000
        try await TestServer.run([], limits: HTTPConnectionLimits(sendTimeout: .seconds(20)), ready: Single.file(size, in: folder)) {
            server in
            let content = try await server.speak { socket in
                try socket.send(get())
                while !socket.receive(bytes: 1).elementsEqual([13]) {}
                var count = 0
                while true {
                    let part = socket.receive(bytes: 2_000_000)
                    count += part.count
                    if count >= size || part.isEmpty { return count }
                    Thread.sleep(forTimeInterval: 2.4)
                }
            }
            #expect(content >= size)
        }
    }

    @Test func filesAreClosedWhoeverGoesAway() async throws {
        let folder = try TemporaryFolder()
        @Sendable func openFiles() -> Int {
            let links = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
            return links.count {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == folder.path + "/file"
            }
        }
        let ready = try Single.file(30_000_000, in: folder)
        try await TestServer.run([], ready: ready) { server in
            for _ in 0..<30 {
                try await server.speak { socket in
                    try socket.send(get() + get("Range: bytes=5-\r\n"))
                    _ = socket.receive(bytes: 10_000)
                }
            }
            for _ in 0..<3600 where openFiles() > 1 { try await Task.sleep(for: .milliseconds(50)) }
            #expect(openFiles() == 1, "the one that is kept")
        }
        withExtendedLifetime(ready) {}
    }

    @Test func aConnectionThatOnlyGetsReadyAnswersIsNotTakenForIdle() async throws {
        let limits = HTTPConnectionLimits(idleTimeout: .seconds(20))
        try await TestServer.run([], limits: limits, ready: Single.text("ready")) { server in
            let count = try await server.speak { socket in
                for number in 0..<12 {
                    try socket.send(get())
                    if socket.receiveAnswer().content.isEmpty { return number }
                    Thread.sleep(forTimeInterval: 2)
                }
                return 12
            }
            #expect(count == 12)
        }
    }

    // MARK: Files that a handler posts

    private static func fileRoute(_ path: String) -> Route {
        Route(.get, "/file/", "A file") { request, _ in
            let size = 3_000_000
            guard request.method == .get, let outbox = FileOutbox.current else {
                return Response(status: .ok, headers: [.contentLength: "\(size)"])
            }
            let file = OpenFile(owning: open(path, O_RDONLY | O_CLOEXEC))
            var headers: HTTPFields = [.contentLength: "\(size - 10)"]
            headers.append(outbox.post(file, 10..<size))
            return Response(status: .ok, headers: headers)
        }
    }

    @Test func aFileThatAHandlerPostedIsSentWithItsAnswer() async throws {
        let folder = try TemporaryFolder()
        try Data((0..<3_000_000).lazy.map { UInt8($0 % 251) }).write(to: URL(fileURLWithPath: folder.path + "/file"))
        try await TestServer.run([Self.fileRoute(folder.path + "/file"), Self.usual], ready: nil) { server in
            let answers = try await server.speak { socket in
                try socket.send(
                    get(path: "/file/") + get() + get("", "HEAD", path: "/file/") + get("Connection: close\r\n", path: "/file/"))
                return [socket.receiveAnswer(), socket.receiveAnswer(), socket.receiveAnswer(hasContent: false), socket.receiveAnswer()]
            }
            for place in [0, 3] {
                #expect(answers[place].content.count == 2_999_990)
                #expect(answers[place].content.first == 10 && answers[place].content.last == UInt8(2_999_999 % 251))
            }
            #expect(answers[1].content == Array("usual".utf8))
            #expect(answers[2].head.contains("Content-Length: 3000000\r\n"))
            for answer in answers { #expect(!answer.head.lowercased().contains("send-file"), "the field is the server's own") }
        }
        let links = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        #expect(
            !links.contains { (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == folder.path + "/file" }
        )
    }
}
