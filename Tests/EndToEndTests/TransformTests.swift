import Foundation
import TestSupport
import Testing

@Suite struct TransformTests {
    /// An address as `agrovet sign` prints it, for the server's own key.
    private func sign(_ server: AgrovetProcess, _ id: String, _ operations: String, _ arguments: String...) async throws -> String {
        let result = try await ChildProcess.run(
            Executables.agrovet, ["sign", id, operations, "--data", server.dataFolder, "--base", server.baseURL] + arguments)
        try #require(result.status == 0, "\(result.errors)")
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func photo(
        _ sample: String = "photo.jpg", on client: HTTPTestClient, visibility: String = "public"
    ) async throws -> String {
        let record = try await client.upload(sample: sample, fields: ["visibility": visibility], headers: ["Prefer": "wait=30"]).json
        return try #require(record["id"] as? String)
    }

    /// Width and height of an answer's picture: uploaded back, since the server reads every format that it writes.
    private func size(of answer: HTTPTestClient.Answer) async throws -> [Int] {
        let record = try await SharedServer.client.upload([("result", answer.body)]).json
        return [try #require(record["width"] as? Int), try #require(record["height"] as? Int)]
    }

    @Test func thePictureHasTheSizeAndTheFormatOfTheAddress() async throws {
        let (server, client) = (try await SharedServer.process, try await SharedServer.client)
        let id = try await photo(on: client)
        for (ext, type) in [("webp", "image/webp"), ("jpg", "image/jpeg"), ("png", "image/png"), ("avif", "image/avif")] {
            let answer = try await client.anonymous.get(try await sign(server, id, "fit:fill,w:64,h:48,dpr:2,g:smart,q:60", "--ext", ext))
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["Content-Type"] == type)
            #expect(answer["Cache-Control"] == "public, max-age=31536000, immutable")
            #expect(answer["Cache-Tag"] == "media-\(id)")
            #expect(try await size(of: answer) == [128, 96], "\(ext)")
        }
        let padded = try await client.anonymous.get(try await sign(server, id, "preset:small,fit:pad,rotate:90", "--ext", "webp"))
        #expect(try await size(of: padded) == [320, 320])
    }

    @Test func itIsDeliveredAsARenditionIs() async throws {
        let (server, client) = (try await SharedServer.process, try await SharedServer.client.anonymous)
        let url = try await sign(server, try await photo(on: try await SharedServer.client), "w:100", "--ext", "auto")
        let whole = try await client.get(url, headers: ["Accept": "image/webp,*/*"])
        #expect(whole["Content-Type"] == "image/webp" && whole["Vary"]?.contains("Accept") == true)
        #expect(try await client.get(url, headers: ["Accept": "*/*"])["Content-Type"] == "image/jpeg")
        let etag = try #require(whole["ETag"])
        #expect(try await client.get(url, headers: ["Accept": "image/webp", "If-None-Match": etag]).status == 304)
        let part = try await client.get(url, headers: ["Accept": "image/webp", "Range": "bytes=4-9"])
        #expect(part.status == 206 && part.body == whole.body[4..<10] && part["ETag"] == etag)
        let head = try await client.request(.HEAD, url, headers: ["Accept": "image/webp"])
        #expect(head.status == 200 && head["Content-Length"] == "\(whole.body.count)" && head.body.isEmpty)
    }

    @Test func aSignatureHoldsForItsAddressOnly() async throws {
        let (server, client) = (try await SharedServer.process, try await SharedServer.client.anonymous)
        let id = try await photo(on: try await SharedServer.client)
        let other = try await photo("gray.jpg", on: try await SharedServer.client)
        let url = try await sign(server, id, "w:100", "--ext", "webp")
        #expect(try await client.get(url).status == 200)
        #expect(try await client.get(url.replacing("w:100", with: "w%3A100")).status == 200, "escaped by the client")
        for forged in [
            url.replacing("w:100", with: "w:101"), url.replacing(".webp", with: ".png"), url.replacing(id, with: other),
            url.replacing("w:100", with: "w:100,strip"), url.replacing(/img\/./, with: "img/~"),
            url.replacing(/img\/[^\/]+/, with: "img/AAAA"),
        ] {
            let answer = try await client.get(forged)
            #expect(answer.status == 403, "\(forged)")
            #expect(answer.json["code"] as? String == "signature_invalid")
        }
        #expect(try await client.get("/img/unsigned/w:100/\(id).webp").json["code"] as? String == "signature_required")
    }

    @Test func anAddressExpires() async throws {
        let (server, client) = (try await SharedServer.process, try await SharedServer.client.anonymous)
        let id = try await photo(on: try await SharedServer.client)
        let expired = try await client.get(try await sign(server, id, "w:100,expires:1700000000", "--ext", "webp"))
        #expect(expired.status == 403 && expired.json["code"] as? String == "signature_expired")
        let lasting = try await sign(server, id, "w:100", "--ext", "webp", "--expires", "1h")
        let answer = try await client.get(lasting)
        #expect(answer.status == 200)
        let age = try #require(answer["Cache-Control"]?.wholeMatch(of: /public, max-age=(\d+)/)?.output.1)
        #expect((1...3600).contains(Int(age) ?? 0))
        #expect(try await client.get(lasting.replacing(/expires:\d+/, with: "expires:9999999999")).status == 403)
    }

    @Test func whatIsAbsurdIsRefusedByNameInDRFsForm() async throws {
        let server = try await AgrovetProcess.start(arguments: ["--set", "transform-unsigned=true"])
        let client = HTTPTestClient(server)
        let id = try await photo(on: client)
        for (operations, name) in [
            ("w:99999999,h:99999999", "w"), ("w:9000,h:9000", "w"), ("dpr:50,w:10", "dpr"), ("blur:5000", "blur"), ("fit:stretch", "fit"),
            ("crop:100000:0:10:10", "crop"), ("preset:poster", "preset"), ("zoom:2", "zoom"), ("w:10,w:20", "w"), ("w:16000,enlarge", "w"),
        ] {
            let answer = try await client.anonymous.get("/img/unsigned/\(operations)/\(id).webp")
            #expect(answer.status == 400, "\(operations): \(answer.status) \(answer.text)")
            #expect((answer.json[name] as? [String])?.first?.hasSuffix(".") == true, "\(operations): \(answer.text)")
        }
        for path in ["w:10/\(id).bmp", "w:10/\(id)", "w:10/nonsense.webp", "w:10/01890a5d-ac96-774b-bcce-b302099a8057.webp"] {
            #expect(try await client.anonymous.get("/img/unsigned/\(path)").status == 404, "\(path)")
        }
        let hidden = try await photo(on: client, visibility: "private")
        #expect(try await client.anonymous.get("/img/unsigned/w:10/\(hidden).webp").status == 404)
        #expect(await server.stop() == 0)
    }

    @Test func aHundredRequestsMakeOneRender() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        let url = try await sign(server, try await photo(on: client), "w:200,sharpen:1", "--ext", "webp")
        let bodies = try await withThrowingTaskGroup(of: Data.self) { group in
            for _ in 0..<100 { group.addTask { try await client.anonymous.get(url).body } }
            return try await group.reduce(into: Set<Data>()) { $0.insert($1) }
        }
        #expect(bodies.count == 1)
        let metrics = try await client.get("/metrics").text
        #expect(metrics.contains("agrovet_transforms_rendered_total{format=\"webp\"} 1\n"), "\(metrics)")
        #expect(await server.stop() == 0)
    }

    @Test func moreThanTheLimitAtOnceAreAskedToComeBack() async throws {
        let server = try await AgrovetProcess.start(arguments: ["--set", "transform-renders=1", "--set", "transform-unsigned=true"])
        let client = HTTPTestClient(server)
        let id = try await photo(on: client)
        var answers: [HTTPTestClient.Answer] = []
        var refused: [HTTPTestClient.Answer] = []
        // On a busy machine the requests may come one after the other, each when the last has been answered: then again.
        for attempt in 0..<20 where refused.isEmpty {
            answers = try await withThrowingTaskGroup(of: HTTPTestClient.Answer.self) { group in
                for width in (200 + 40 * attempt)..<(240 + 40 * attempt) {
                    group.addTask { try await client.anonymous.get("/img/unsigned/w:\(width)/\(id).webp") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            refused = answers.filter { $0.status == 503 }
        }
        #expect(!refused.isEmpty && refused.allSatisfy { $0["Retry-After"] == "1" && $0.json["code"] as? String == "busy" })
        #expect(answers.contains { $0.status == 200 } && answers.allSatisfy { $0.status == 200 || $0.status == 503 })
        #expect(await server.stop() == 0)
    }

    @Test func aDeletedItemIsGoneAtOnceAndItsFilesWithIt() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        let (id, mark) = (try await photo(on: client), try await photo("alpha.png", on: client))
        let plain = try await sign(server, id, "w:100", "--ext", "webp")
        let marked = try await sign(server, id, "w:100,wm:\(mark):0.5", "--ext", "webp")
        #expect(try await client.anonymous.get(plain).status == 200)
        let both = try await client.anonymous.get(marked)
        #expect(both.status == 200 && both["Cache-Tag"] == "media-\(id),media-\(mark)")
        let folder = "\(server.dataFolder)/cache/\(id)"
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
        #expect(try await client.request(.DELETE, "/api/media/\(mark)/").status == 204)
        #expect(try await client.anonymous.get(marked).status == 404)
        #expect(try await client.anonymous.get(plain).status == 200)
        #expect(try await client.request(.DELETE, "/api/media/\(id)/").status == 204)
        #expect(try await client.anonymous.get(plain).status == 404)
        let emptied = try await client.poll("/metrics") { $0.text.contains("agrovet_transform_cache_files 0\n") }
        #expect(emptied.text.contains("agrovet_transform_cache_bytes 0\n"))
        #expect(await server.stop() == 0)
    }

    @Test func aSignatureOpensAPrivateItem() async throws {
        let (server, client) = (try await SharedServer.process, try await SharedServer.client)
        let id = try await photo(on: client, visibility: "private")
        let answer = try await client.anonymous.get(try await sign(server, id, "w:100", "--ext", "webp"))
        #expect(answer.status == 200 && answer["Cache-Control"] == "private, no-cache")
    }

    @Test func resultsOutliveARestartAndTheOldestGoWhenThereIsNoRoom() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        var server = try await AgrovetProcess.start(arguments: ["--set", "transform-unsigned=true"], dataFolder: data)
        var client = HTTPTestClient(server)
        let id = try await photo(on: client)
        func picture(_ width: Int) async throws -> HTTPTestClient.Answer {
            try await client.anonymous.get("/img/unsigned/w:\(width)/\(id).png")
        }
        let first = try await picture(200)
        #expect(first.status == 200)
        try Data("half".utf8).write(to: URL(fileURLWithPath: "\(data)/cache/\(id)/half.tmp"))
        #expect(await server.stop() == 0)

        // Room for three of them.
        let room = ["--set", "transform-unsigned=true", "--set", "transform-cache-bytes=\(first.body.count * 3)"]
        server = try await AgrovetProcess.start(arguments: room, dataFolder: data)
        client = HTTPTestClient(server)
        #expect(!FileManager.default.fileExists(atPath: "\(data)/cache/\(id)/half.tmp"))
        #expect(try await picture(200).body == first.body)
        #expect(try await client.get("/metrics").text.contains("agrovet_transform_cache_hits_total 1\n"))
        for width in 195..<200 { #expect(try await picture(width).status == 200) }
        let files = try FileManager.default.subpathsOfDirectory(atPath: "\(data)/cache").filter { $0.hasSuffix(".png") }
        #expect((1...3).contains(files.count), "\(files)")
        #expect(await server.stop() == 0)
    }

    @Test func keysRotate() async throws {
        let (old, new) = ("the-old-key-of-the-house", "the-new-key-of-the-house")
        func server(_ keys: String, _ data: String?) async throws -> AgrovetProcess {
            try await AgrovetProcess.start(environment: ["AGROVET_TRANSFORM_KEYS": keys], dataFolder: data)
        }
        let folder = try TemporaryFolder()
        var running = try await server(old, folder.path)
        let id = try await photo(on: HTTPTestClient(running))
        func path(_ key: String) async throws -> String {
            let result = try await ChildProcess.run(
                Executables.agrovet, ["sign", id, "w:50", "--ext", "webp", "--base", "", "--set", "transform-keys=\(key)"])
            return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        func statuses() async throws -> [Int] {
            let client = HTTPTestClient(running.baseURL)
            return [try await client.get(try await path(old)).status, try await client.get(try await path(new)).status]
        }
        #expect(try await statuses() == [200, 403])
        #expect(await running.stop() == 0)
        running = try await server("\(new),\(old)", folder.path)
        #expect(try await statuses() == [200, 200])
        #expect(await running.stop() == 0)
        running = try await server(new, folder.path)
        #expect(try await statuses() == [403, 200])
        #expect(await running.stop() == 0)
    }

    /// The Python lines of docs/TRANSFORMS.md, as they stand there.
    @Test func theDocumentedPythonLinesMakeAnAddressThatWorks() async throws {
        let (server, client) = (try await SharedServer.process, try await SharedServer.client)
        let folder = try TemporaryFolder()
        try Self.documented("python").write(toFile: folder.path + "/sign.py", atomically: true, encoding: .utf8)
        let id = try await photo(on: client)
        let variables = ["BASE=\(server.baseURL)", "KEY=\(try Self.key(of: server))", "MEDIA_ID=\(id)"]
        let result = try await ChildProcess.run("env", variables + ["python3", folder.path + "/sign.py"])
        let answer = try await client.anonymous.get(result.output.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(answer.status == 200, "\(result.errors) \(answer.text)")
        #expect(try await size(of: answer) == [64, 48])
        let permissions = try FileManager.default.attributesOfItem(atPath: server.dataFolder + "/keys/transform-key")[.posixPermissions]
        #expect(permissions as? Int == 0o600)
    }

    /// The JavaScript lines, in a browser.
    @Test func theDocumentedJavaScriptLinesMakeAnAddressThatWorks() async throws {
        let (server, client) = (try await SharedServer.process, try await SharedServer.client)
        let id = try await photo(on: client)
        let values = [server.baseURL, try Self.key(of: server), id, "fit:fill,w:64,h:48,g:smart", "webp"]
        let call = "imageURL(\(values.map { "\"\($0)\"" }.joined(separator: ", ")), 3600)"
        let lines = try Self.documented("javascript") + "\nreturn await \(call);"
        let browser = try await Browser.open()
        let address: String
        do {
            try await browser.go(to: server.baseURL + "/")
            address = try await browser.script(lines)
        } catch {
            await browser.close()
            throw error
        }
        await browser.close()
        let answer = try await client.anonymous.get(address)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try await size(of: answer) == [64, 48])
    }

    /// The Swift lines are those of `DocumentedSigner.swift`, which this calls.
    @Test func theDocumentedSwiftLinesMakeAnAddressThatWorks() async throws {
        let (server, client) = (try await SharedServer.process, try await SharedServer.client)
        let source = try String(
            contentsOfFile: URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/DocumentedSigner.swift", encoding: .utf8)
        #expect(try source == Self.documented("swift"))
        let address = imageURL(
            base: server.baseURL, key: try Self.key(of: server), mediaID: try await photo(on: client),
            operations: "fit:fill,w:64,h:48,g:smart", ext: "webp", expiresIn: 3600)
        let answer = try await client.anonymous.get(address)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try await size(of: answer) == [64, 48])
    }

    /// The lines of a language in docs/TRANSFORMS.md, as they stand there.
    private static func documented(_ language: String) throws -> String {
        let text = try String(contentsOfFile: Executables.packageRoot + "/docs/TRANSFORMS.md", encoding: .utf8)
        let start = try #require(text.range(of: "```\(language)\n"))
        let end = try #require(text[start.upperBound...].range(of: "```"))
        return String(text[start.upperBound..<end.lowerBound])
    }

    private static func key(of server: AgrovetProcess) throws -> String {
        try String(contentsOfFile: server.dataFolder + "/keys/transform-key", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
