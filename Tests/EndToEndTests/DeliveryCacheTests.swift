import Foundation
import Synchronization
import TestSupport
import Testing

/// What is kept ready, and what may never be given from there.
@Suite struct DeliveryCacheTests {
    private func start(_ settings: String...) async throws -> (AgrovetProcess, HTTPTestClient) {
        let server = try await AgrovetProcess.start(arguments: settings.flatMap { ["--set", $0] })
        return (server, HTTPTestClient(server))
    }

    private func photo(_ client: HTTPTestClient, _ sample: String = "photo.jpg", visibility: String = "public") async throws -> String {
        let record = try await client.upload(sample: sample, fields: ["visibility": visibility], headers: ["Prefer": "wait=30"]).json
        return try #require(record["id"] as? String)
    }

    /// A photo with its bulk behind the end, which is stored and delivered like any other byte.
    private func largePhoto(_ client: HTTPTestClient, bytes: Int) async throws -> (id: String, content: Data) {
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        let content = photo + Data((0..<(bytes - photo.count)).lazy.map { UInt8($0 % 251) })
        let record = try await client.upload([("large.jpg", content)], headers: ["Prefer": "wait=30"]).json
        return (try #require(record["id"] as? String), content)
    }

    private func metric(_ name: String, _ client: HTTPTestClient) async throws -> Int {
        let text = try await client.get("/metrics").text
        return text.split(separator: "\n").first { $0.hasPrefix(name + " ") }.flatMap { Int($0.dropFirst(name.count + 1)) } ?? 0
    }

    private func speak<T: Sendable>(_ server: AgrovetProcess, _ body: @escaping @Sendable (RawSocket) throws -> T) async throws -> T {
        let port = try #require(Int(server.baseURL.split(separator: ":").last ?? ""))
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let socket = try RawSocket(port: port, timeout: 60)
                        defer { socket.close() }
                        return try body(socket)
                    })
            }
        }
    }

    /// The usual way for the first, ready for the second: nobody can tell them apart.
    @Test(arguments: ["small.webp", "original", "original?download=1", "thumb.auto"])
    func theSameIsSaidFromMemoryAsFromDisk(_ file: String) async throws {
        let client = try await SharedServer.client.anonymous
        let path = "/media/\(try await photo(try await SharedServer.client))/\(file)"
        func answer(_ fields: [String: String]) async throws -> (String, Data) {
            let answer = try await client.get(path, headers: fields.merging(["Accept": "image/webp,*/*"]) { a, _ in a })
            let own: Set<String> = ["date", "x-request-id"]
            let lines = answer.headers.map { "\($0.name.lowercased()): \($0.value)" }.filter {
                !own.contains(String($0.prefix { $0 != ":" }))
            }
            return ("\(answer.status) \(lines.sorted())", answer.body)
        }
        let tag = try #require(try await client.request(.HEAD, path, headers: ["Accept": "image/webp,*/*"])["ETag"])
        for fields in [
            [:], ["Range": "bytes=3-9"], ["Range": "bytes=-4", "If-Range": tag], ["Range": "bytes=-4", "If-Range": "\"other\""],
            ["Range": "bytes=99999999-"], ["If-None-Match": tag],
        ] {
            // Credentials make it go the usual way, whatever is kept.
            let usual = try await HTTPTestClient(client.baseURL, token: SharedServer.process.token).get(
                path, headers: fields.merging(["Accept": "image/webp,*/*"]) { a, _ in a })
            let (first, second) = (try await answer(fields), try await answer(fields))
            #expect(first == second, "\(fields)")
            #expect(usual.body == second.1 && second.0.hasPrefix("\(usual.status) "))
        }
        let wrong = try await client.get(path, headers: ["If-Match": "\"other\"", "Accept": "image/webp,*/*"])
        #expect(wrong.status == 412 && wrong["X-Error-Code"] == "precondition_failed")
        #expect(try await client.get(path, headers: ["If-Match": tag, "Accept": "image/webp,*/*"]).status == 200)
    }

    @Test(arguments: ["thumb.auto", "thumb.auto/", "thumb.aut%6F"])
    func aFormatThatOneClientNamedIsNotGivenToAnother(_ file: String) async throws {
        let client = try await SharedServer.client.anonymous
        let path = "/media/\(try await photo(try await SharedServer.client))/\(file)"
        for _ in 0..<3 {
            let modern = try await client.get(path, headers: ["Accept": "image/webp"])
            if modern.status == 404 { continue }
            #expect(modern["Content-Type"] == "image/webp" && modern["Vary"]?.contains("Accept") == true)
            #expect(try await client.get(path, headers: ["Accept": "*/*"])["Content-Type"] == "image/jpeg")
            #expect(try await client.get(path)["Content-Type"] == "image/jpeg")
        }
    }

    @Test func requestsInARowAreAnsweredInOrderWhetherReadyOrNot() async throws {
        let server = try await SharedServer.process
        let id = try await photo(try await SharedServer.client)
        let client = try await SharedServer.client.anonymous
        let files = ["small.webp", "large.webp", "nothing.webp", "original", "small.webp", "medium.jpg", "small.webp"]
        let expected = try await files.asyncMap { try await client.get("/media/\(id)/\($0)").body }
        let contents = try await speak(server) { socket in
            try socket.send(files.map { "GET /media/\(id)/\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
            return files.map { _ in Data(socket.receiveAnswer().content) }
        }
        for (place, file) in files.enumerated() where file != "nothing.webp" { #expect(contents[place] == expected[place], "\(file)") }
        #expect(String(decoding: contents[2], as: UTF8.self).contains("not_found"))
    }

    @Test func whatIsDeletedOrMadePrivateIsGoneWithTheAnswer() async throws {
        let (server, client) = try await start("transform-unsigned=true", "delivery-recheck=1h")
        let (one, other) = (try await photo(client), try await photo(client, "gray.jpg"))
        func paths(_ id: String) -> [String] {
            ["/media/\(id)/small.webp", "/media/\(id)/original", "/media/\(id)/thumb.auto", "/img/unsigned/w:50/\(id).webp"]
        }
        for path in paths(one) + paths(other) {
            for _ in 0..<2 { #expect(try await client.anonymous.get(path).status == 200) }
        }
        #expect(try await metric("agrovet_delivery_cache_answers", client) == 8)

        #expect(try await client.send(.PATCH, "/api/media/\(one)/", json: #"{"visibility":"private"}"#).status == 200)
        for path in paths(one) {
            #expect(try await client.anonymous.get(path).status == 404, "\(path)")
            if !path.hasPrefix("/img") { #expect(try await client.get(path)["Cache-Control"] == "private, no-cache") }
            #expect(try await client.anonymous.get(path).status == 404, "what its owner gets is not kept")
        }
        #expect(try await metric("agrovet_delivery_cache_answers", client) == 4)
        #expect(try await client.send(.PATCH, "/api/media/\(one)/", json: #"{"visibility":"public"}"#).status == 200)
        for path in paths(one) { #expect(try await client.anonymous.get(path).status == 200) }

        #expect(try await client.request(.DELETE, "/api/media/\(one)/").status == 204)
        for path in paths(one) { #expect(try await client.anonymous.get(path).status == 404, "\(path)") }
        for path in paths(other) { #expect(try await client.anonymous.get(path).status == 200) }
        #expect(await server.stop() == 0)
    }

    /// Readers that never stop, while items are deleted under them.
    @Test func noReaderSeesAnItemAfterItsDeletionWasAcknowledged() async throws {
        let (server, client) = try await start("delivery-recheck=1h")
        for _ in 0..<6 {
            let path = "/media/\(try await photo(client))/small.webp"
            let id = String(path.split(separator: "/")[1])
            let begin = ContinuousClock.now
            let (answered, readings) = AsyncStream.makeStream(of: Int.self)
            let readers = (0..<6).map { number in
                Task {
                    defer { readings.finish() }
                    var last = begin
                    while true {
                        let start = ContinuousClock.now
                        if try await client.anonymous.get(path).status == 404 { return last }
                        last = start
                        readings.yield(number)
                    }
                }
            }
            // Each of them has seen it.
            var reading: Set<Int> = []
            for await number in answered where reading.insert(number).inserted && reading.count == readers.count { break }
            #expect(try await client.request(.DELETE, "/api/media/\(id)/").status == 204)
            let acknowledged = ContinuousClock.now
            for reader in readers { #expect(try await reader.value < acknowledged, "a request that began later was answered 200") }
            #expect(try await client.anonymous.get(path).status == 404)
        }
        #expect(await server.stop() == 0)
    }

    /// Another process on the same database, as far as this one can tell.
    @Test func whatAnotherProcessChangesIsSeenWithinTheSetting() async throws {
        let (server, client) = try await start("delivery-recheck=1s")
        let id = try await photo(client)
        let path = "/media/\(id)/small.webp"
        for _ in 0..<3 { #expect(try await client.anonymous.get(path).status == 200) }
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1], timeout=30) as base:
                base.execute("UPDATE media SET visibility = 'private' WHERE id = ?", (sys.argv[2],))
            """
        let change = try await ChildProcess.run("python3", ["-c", script, server.dataFolder + "/db/media.sqlite", id])
        #expect(change.status == 0, "\(change.errors)")
        #expect(try await client.anonymous.poll(path) { $0.status == 404 }.status == 404)
        #expect(await server.stop() == 0)
    }

    @Test func aTransferUnderWayOutlivesTheDeletion() async throws {
        let (server, client) = try await start()
        let (id, content) = try await largePhoto(client, bytes: 40_000_000)
        #expect(try await client.anonymous.get("/media/\(id)/original", headers: ["Range": "bytes=0-0"]).status == 206)
        let whole = try await speak(server) { socket in
            try socket.send("GET /media/\(id)/original HTTP/1.1\r\nHost: x\r\n\r\n")
            let beginning = socket.receive(bytes: 100_000)
            let done = DispatchSemaphore(value: 0)
            Task {
                let deleted = try? await client.request(.DELETE, "/api/media/\(id)/").status
                let seen = try? await client.anonymous.get("/media/\(id)/original").status
                #expect(deleted == 204 && seen == 404)
                done.signal()
            }
            done.wait()
            let length = beginning.firstRange(of: Array("\r\n\r\n".utf8))!.upperBound + content.count
            return beginning + socket.receive(bytes: length - beginning.count)
        }
        #expect(whole.suffix(content.count).elementsEqual(content))
        // Its room on disk is free again when the transfer has ended.
        func remains() -> Bool {
            (try? FileManager.default.subpathsOfDirectory(atPath: server.dataFolder + "/objects"))?.contains { $0.utf8.count == 67 } ?? true
        }
        let deadline = ContinuousClock.now + Patience.usual
        while remains(), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(50)) }
        #expect(!remains())
        #expect(await server.stop() == 0)
    }

    @Test func slowReadersOfALargeFileTakeNoMemoryAndAreLetGo() async throws {
        let (server, client) = try await start("send-timeout=1s", "idle-timeout=10m", "log-level=debug")
        let (id, content) = try await largePhoto(client, bytes: 60_000_000)
        for path in ["/media/\(id)/original", "/media/\(id)/original?download=1"] {
            _ = try await client.anonymous.get(path, headers: ["Range": "bytes=0-0"])
        }
        let before = server.openFileCount
        let memory = server.peakMemory
        // Readers go on reading when the last of them has been given up.
        let allAreLetGo = Flag()
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                for _ in 0..<600 where server.log.split(separator: "does not read its answer").count <= 40 {
                    try await Task.sleep(for: .milliseconds(200))
                }
                allAreLetGo.isRaised.store(true, ordering: .releasing)
                return 0
            }
            for number in 0..<40 {
                group.addTask {
                    try await speak(server) { socket in
                        // Half of them from a file that is kept open, half by the usual way.
                        try socket.send("GET /media/\(id)/original\(number % 2 == 0 ? "" : "?download=1") HTTP/1.1\r\nHost: x\r\n\r\n")
                        _ = socket.receive(bytes: 1000)
                        while !allAreLetGo.isRaised.load(ordering: .acquiring) { Thread.sleep(forTimeInterval: 0.1) }
                        return socket.receive(bytes: content.count).count
                    }
                }
            }
            for try await count in group { #expect(count < content.count - 1_000_000, "it was cut off") }
        }
        #expect(server.peakMemory - memory < 50_000_000, "\(memory) before, \(server.peakMemory) after")
        let deadline = ContinuousClock.now + Patience.usual
        while server.openFileCount > before + 15, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(50)) }
        #expect(server.openFileCount <= before + 15, "\(before) open before, \(server.openFileCount) after")
        #expect(await server.stop() == 0)
    }

    @Test func clientsThatGoAwayInMidBodyLeaveNothingOpen() async throws {
        let (server, client) = try await start()
        let (id, _) = try await largePhoto(client, bytes: 30_000_000)
        _ = try await client.anonymous.get("/media/\(id)/original", headers: ["Range": "bytes=0-0"])
        let before = server.openFileCount
        for number in 0..<60 {
            try await speak(server) { socket in
                try socket.send("GET /media/\(id)/original\(number % 2 == 0 ? "" : "?download=1") HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = socket.receive(bytes: 50_000)
            }
        }
        let deadline = ContinuousClock.now + Patience.usual
        while server.openFileCount > before + 15, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(50)) }
        #expect(server.openFileCount <= before + 15, "\(before) open before, \(server.openFileCount) after")
        #expect(try await client.anonymous.get("/media/\(id)/small.webp").status == 200)
        #expect(await server.stop() == 0)
    }

    @Test func theServerWaitsForTransfersWhenItEnds() async throws {
        let (server, client) = try await start()
        let (id, content) = try await largePhoto(client, bytes: 30_000_000)
        _ = try await client.anonymous.get("/media/\(id)/original", headers: ["Range": "bytes=0-0"])
        let (count, ended) = try await speak(server) { socket in
            try socket.send("GET /media/\(id)/original HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = socket.receive(bytes: 1000)
            let ended = Task { await server.stop() }
            Thread.sleep(forTimeInterval: 2)
            return (socket.receive(bytes: content.count).count + 1000, ended)
        }
        #expect(count >= content.count)
        #expect(await ended.value == 0)
    }
}

private final class Flag: Sendable {
    let isRaised = Atomic(false)
}

extension Sequence {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var results: [T] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
