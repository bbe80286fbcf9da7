import Foundation
import HTTPTypes
import Hummingbird
import Synchronization
import ServiceTestSupport
import TestSupport
import Testing
import WebAPI

@Suite struct HTTPConnectionTests {
    private static func text(_ text: String) -> Response {
        Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private static let hello = Route(.get, "/hello/{name}/", "Says its name") { request, context in
        text("hello \(context.parameters.get("name") ?? "")")
    }

    /// Answers with the length of the body that it read.
    private static let length = Route(.post, "/length/", "Counts") { request, _ in
        var count = 0
        for try await chunk in request.body { count += chunk.readableBytes }
        return text("read \(count)")
    }

    /// Refuses without a look at the body.
    private static let refusal = Route(.post, "/refusal/", "Refuses") { _, _ in
        throw APIError.contentTooLarge(limit: 1, setting: "limit")
    }

    /// Refuses, and has nothing against the connection.
    private static let forbidden = Route(.post, "/forbidden/", "Refuses") { _, _ in throw APIError.permissionDenied }

    @Test func requestsInARowAreAnsweredInOrder() async throws {
        try await TestServer.run([Self.hello]) { server in
            let answers = try await server.exchange(
                (1...5).map { "GET /hello/\($0)/ HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
                    + "GET /hello/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let found = answers.matches(of: /hello (\d|last)/).map { String($0.1) }
            #expect(found == ["1", "2", "3", "4", "5", "last"])
        }
    }

    /// A client that reads to the end of the connection is not kept waiting for it.
    @Test(arguments: ["HTTP/1.0\r\n", "HTTP/1.0\r\nHost: x\r\n", "HTTP/1.1\r\nHost: x\r\nConnection: TE, Close\r\n"])
    func theConnectionEndsWhereTheRequestSaysSo(_ line: String) async throws {
        // A minute without a request would end it, too.
        try await TestServer.run([Self.hello], limits: HTTPConnectionLimits(idleTimeout: .seconds(3600))) { server in
            let answer = try await server.exchange("GET /hello/cow/ \(line)\r\n")
            #expect(answer.hasSuffix("hello cow"))
        }
    }

    @Test func aHEADHasTheLengthWithoutTheContent() async throws {
        try await TestServer.run([Self.hello]) { server in
            let answer = try await server.exchange("HEAD /hello/cow/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            #expect(answer.lowercased().contains("content-length: 9\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func anErrorToAHEADHasNoContentEither() async throws {
        try await TestServer.run([Self.hello]) { server in
            let answers = try await server.exchange(
                "HEAD /nowhere/ HTTP/1.1\r\nHost: x\r\n\r\nGET /hello/next/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answers.hasPrefix("HTTP/1.1 404 "))
            #expect(!answers.contains("Not found."))
            #expect(answers.contains("\r\n\r\nHTTP/1.1 200 "), "the next answer follows the head")
        }
    }

    @Test func aChunkedBodyIsRead() async throws {
        try await TestServer.run([Self.length]) { server in
            let answer = try await server.exchange(
                "POST /length/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n"
            )
            #expect(answer.hasSuffix("read 15"))
        }
    }

    @Test func aBodyThatIsWantedIsContinued() async throws {
        try await TestServer.run([Self.length]) { server in
            let (before, after) = try await server.speak { socket in
                try socket.send(
                    "POST /length/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n")
                let before = try socket.receive(until: "\r\n\r\n")
                try socket.send("body")
                return (before, try socket.receive(until: TestServer.end))
            }
            #expect(before == "HTTP/1.1 100 Continue\r\n\r\n")
            #expect(after.hasPrefix("HTTP/1.1 200 "))
            #expect(after.hasSuffix("read 4"))
        }
    }

    @Test func aBodyThatIsRefusedIsNeverAskedForAndTheConnectionEnds() async throws {
        try await TestServer.run([Self.refusal]) { server in
            let answer = try await server.exchange(
                "POST /refusal/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.lowercased().contains("connection: close\r\n"))
            #expect(answer.hasSuffix(#""code":"content_too_large"}"#))
        }
    }

    /// There is nothing that the client would wait with: the connection serves the next request.
    @Test(arguments: ["Content-Length: 0\r\n", ""]) func aRequestWithoutContentThatExpectsContinueKeepsTheConnection(_ length: String)
        async throws
    {
        try await TestServer.run([Self.forbidden, Self.length]) { server in
            let answer = try await server.exchange(
                "POST /forbidden/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\(length)\r\n"
                    + "POST /length/ HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody")
            #expect(answer.hasPrefix("HTTP/1.1 403 ") && !answer.contains("100 Continue"))
            #expect(answer.hasSuffix("read 4"))
        }
    }

    @Test func aClientThatSendsARefusedBodyAtOnceStillReadsItsAnswer() async throws {
        try await TestServer.run([Self.refusal]) { server in
            let answer = try await server.exchange(
                "POST /refusal/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + String(repeating: "x", count: 3_000_000))
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.hasSuffix(#""code":"content_too_large"}"#))
        }
    }

    @Test(arguments: [
        ("GET /hello/cow/ HTTP/1.1\r\nHost: x\r\nX-Long: \(String(repeating: "y", count: 40_000))\r\n\r\n", "431", "headers_too_large"),
        ("GET /hello/cow/ HTTP/1.1\r\nHost: x\r\n\(String(repeating: "X: y\r\n", count: 300))\r\n", "431", "headers_too_large"),
        ("this is no HTTP\r\n\r\n", "400", "malformed_request"),
        ("GET /hello/cow/ HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", "400", "malformed_request"),
        ("GET /hello/cow/ HTTP/1.1\r\n\r\n", "400", "malformed_request"),
        ("POST /length/ HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 4\r\n\r\nbody", "400", "malformed_request"),
    ])
    func whatTheParserRefusesIsAnsweredInTheAPIsForm(_ request: String, _ status: String, _ code: String) async throws {
        try await TestServer.run([Self.hello]) { server in
            let answer = try await server.exchange(request)
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.hasSuffix("\"code\":\"\(code)\"}"))
            #expect(try await server.exchange("GET /hello/cow/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").hasSuffix("hello cow"))
        }
    }

    @Test(arguments: ["", "GET /hello/cow/ HTTP/1.1\r\nHost: x\r\n", "POST /length/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"])
    func aConnectionThatStandsIdleIsClosed(_ beginning: String) async throws {
        try await TestServer.run([Self.hello, Self.length], limits: HTTPConnectionLimits(idleTimeout: .milliseconds(300))) { server in
            let answer = try await server.exchange(beginning)
            #expect(!answer.contains(" 200 "), "the socket's own limit of 20 seconds would have thrown nothing either: \(answer)")
            // Others are served; one that this process starves for so long is closed too.
            let deadline = ContinuousClock.now + Patience.usual
            var served = ""
            repeat {
                served = (try? await server.exchange("GET /hello/cow/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")) ?? ""
            } while !served.hasSuffix("hello cow") && ContinuousClock.now < deadline
            #expect(served.hasSuffix("hello cow"))
        }
    }

    @Test func aClientThatGoesAwayEndsItsRequestAlone() async throws {
        let ends = AsyncStream.makeStream(of: String.self)
        let upload = Route(.post, "/upload/", "Reads") { request, _ in
            do {
                for try await _ in request.body {}
                ends.continuation.yield("complete")
            } catch {
                ends.continuation.yield("\(type(of: error))")
                throw error
            }
            return Self.text("done")
        }
        try await TestServer.run([upload, Self.hello]) { server in
            try await server.speak { socket in
                try socket.send("POST /upload/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nhalf")
            }
            var iterator = ends.stream.makeAsyncIterator()
            let end = await iterator.next()
            #expect(end != nil && end != "complete")
            #expect(try await server.exchange("GET /hello/cow/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").hasSuffix("hello cow"))
        }
    }

    @Test func pathsAndMethodsThatAreNotThereAreRefusedAsDjangoDoes() async throws {
        try await TestServer.run([Self.hello]) { server in
            func answer(_ line: String) async throws -> String {
                try await server.exchange("\(line) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            }
            let missing = try await answer("GET /nowhere/")
            #expect(missing.hasPrefix("HTTP/1.1 404 "))
            #expect(missing.hasSuffix(#"{"detail":"Not found.","code":"not_found"}"#))
            let wrong = try await answer("DELETE /hello/cow/")
            #expect(wrong.hasPrefix("HTTP/1.1 405 "))
            #expect(wrong.lowercased().contains("allow: get, head, options\r\n"))
            #expect(wrong.hasSuffix(#"{"detail":"Method \"DELETE\" not allowed.","code":"method_not_allowed"}"#))
            #expect(try await answer("OPTIONS /hello/cow").hasPrefix("HTTP/1.1 204 "))
        }
    }

    @Test func theLogHasNoSecretOfARequest() async throws {
        try await TestServer.run([Self.hello, Self.refusal]) { server in
            for token in ["token", "s3cret-wrong"] {
                _ = try await server.exchange(
                    "GET /hello/cow/?signature=s3cret-query HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n"
                        + "Cookie: agrovet_session=s3cret-cookie\r\nX-Request-Id: my-request\r\nConnection: close\r\n\r\n")
            }
            #expect(server.log.text.contains("/hello/cow/"))
            #expect(server.log.text.contains("my-request"))
            #expect(!server.log.text.contains("s3cret"))
        }
    }
}
