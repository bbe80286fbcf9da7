import Foundation
import TestSupport
import Testing

@Suite struct BadInputTests {
    /// Refused at once, in DRF's form, and nothing of it stays.
    private func expectRefusal(_ name: String, _ bytes: Data, containing words: String) async throws {
        let answer = try await SharedServer.client.upload([(name, bytes)])
        #expect(answer.status == 400, "\(name): \(answer.text)")
        let message = (answer.json["file"] as? [String])?.first ?? ""
        #expect(message.lowercased().contains(words), "\(name): \(message)")
    }

    @Test func anEmptyFileIsRefused() async throws {
        try await expectRefusal("empty.jpg", Data(), containing: "empty")
    }

    @Test func aFileThatIsNoImageIsRefusedWhateverItsName() async throws {
        let text = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("not-an-image.jpg")))
        try await expectRefusal("holiday.jpg", text, containing: "neither a picture nor a video")
    }

    @Test(arguments: [
        "photo.jpg", "progressive.jpg", "alpha.png", "photo.webp", "lossless.webp", "animated.gif", "photo.heic", "photo.avif",
    ])
    func aFileThatBrokeOffIsRefused(_ sample: String) async throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: Executables.sample(sample)))
        for length in [12, whole.count / 2, whole.count - 10] {
            let answer = try await SharedServer.client.upload([(sample, whole.prefix(length))])
            #expect(answer.status == 400, "\(sample) cut to \(length) of \(whole.count): \(answer.status) \(answer.text)")
            #expect((answer.json["file"] as? [String])?.isEmpty == false)
        }
    }

    @Test func aCorruptPNGIsRefused() async throws {
        let answer = try await SharedServer.client.upload(sample: "corrupt.png")
        #expect(answer.status == 400, "\(answer.text)")
    }

    /// What is wrong with a file is said in the reader's language, with its name and the setting that would allow it.
    @Test(arguments: [
        ("bomb.png", "AGROVET_MAX_PIXELS"), ("truncated.jpg", "termina antes"), ("corrupt.png", "dañado"),
        ("not-an-image.jpg", "ninguna imagen ni vídeo"), ("empty.jpg", "vacío"), ("200-megapixels.heic", "AGROVET_RENDER_MEMORY"),
    ])
    func aRefusalIsToldInSpanish(_ sample: String, _ words: String) async throws {
        let answer = try await SharedServer.client.upload(sample: sample, headers: ["Accept-Language": "es-CO,es"])
        #expect(answer.status == 400 && answer["Content-Language"] == "es")
        let message = (answer.json["file"] as? [String])?.first ?? ""
        #expect(message.hasPrefix(sample + ": ") && message.contains(words), "\(message)")
        #expect(!message.contains("The ") && !message.contains("This "), "\(message)")
    }

    @Test func aBombIsRefusedWithTheSettingThatWouldAllowIt() async throws {
        let answer = try await SharedServer.client.upload(sample: "bomb.png")
        #expect(answer.status == 400)
        #expect(answer["X-Error-Code"] == "too_many_pixels", "translations go by a code")
        let message = (answer.json["file"] as? [String])?.first ?? ""
        #expect(message.contains("50000") || message.contains("50,000"), "\(message)")
        #expect(message.contains("AGROVET_MAX_PIXELS"), "\(message)")
    }

    @Test func oneBadFileOfSeveralIsNamedAndNoneIsKept() async throws {
        let client = try await SharedServer.client
        let good = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("gray.jpg")))
        let answer = try await client.upload([("good.jpg", good), ("bad.jpg", Data("no".utf8))], fields: ["purpose": "mixed"])
        #expect(answer.status == 400)
        #expect((answer.json["file"] as? [String])?.first?.hasPrefix("bad.jpg: ") == true)
        #expect(try await client.get("/api/media/?purpose=mixed").json["count"] as? Int == 0)
    }

    /// As a script sends it that forgets the name: the part looks like a field of text.
    @Test func aPartWithoutAFilenameIsToldThatItNeedsOne() async throws {
        let client = try await SharedServer.client
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("gray.jpg")))
        var body = Data("--x\r\nContent-Disposition: form-data; name=\"file\"\r\nContent-Type: image/jpeg\r\n\r\n".utf8)
        body += photo + Data("\r\n--x--\r\n".utf8)
        let form = ["Content-Type": "multipart/form-data; boundary=x"]
        let answer = try await client.request(.POST, "/api/media/", headers: form, body: body)
        #expect(answer.status == 400)
        #expect(
            answer.json["file"] as? [String] == ["This part has no filename, so it is no file; send it with one."], "\(answer.text)")
    }

    @Test func aCompressedBodyIsRefusedByItsName() async throws {
        let client = try await SharedServer.client
        let sample = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("gray.jpg")))
        let form = MultipartForm(files: [("gray.jpg", sample)], fields: [:])
        let id = try #require(try await client.upload(sample: "gray.jpg").json["id"] as? String)
        for coding in ["gzip", "br"] {
            let headers = ["Content-Type": form.contentType, "Content-Encoding": coding]
            let answer = try await client.request(.POST, "/api/media/", headers: headers, body: form.body)
            #expect(answer.status == 415 && answer["Accept-Encoding"] == "identity", "\(answer.status) \(answer.text)")
            #expect(answer.json["code"] as? String == "unsupported_content_encoding")
            #expect((answer.json["detail"] as? String)?.contains("\"\(coding)\" (Content-Encoding)") == true, "\(answer.text)")
            let patch = ["Content-Type": "application/json", "Content-Encoding": coding]
            #expect(try await client.request(.PATCH, "/api/media/\(id)/", headers: patch, body: Data("{}".utf8)).status == 415)
        }
        let plain = ["Content-Type": form.contentType, "Content-Encoding": "identity"]
        #expect(try await client.request(.POST, "/api/media/", headers: plain, body: form.body).status == 201)
    }

    @Test func pathTricksInNamesAreOnlyText() async throws {
        let client = try await SharedServer.client
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("gray.jpg")))
        for (name, shown) in [
            ("../../etc/passwd", "passwd"), (#"C:\\Users\\ana\\vaca.jpg"#, "vaca.jpg"), ("..", ""), ("ternero ñ 🐄.jpg", "ternero ñ 🐄.jpg"),
        ] {
            let answer = try await client.upload([(name, bytes)])
            #expect(answer.status == 201, "\(name): \(answer.text)")
            #expect(answer.json["filename"] as? String == shown)
        }
    }

    @Test func aFormWithoutAFileOrWithTooMuchIsRefused() async throws {
        let client = try await SharedServer.client
        #expect(try await client.upload([], fields: ["title": "x"]).json["file"] as? [String] == ["No file was submitted."])
        var parts = [String: String]()
        for index in 0..<2000 { parts["field\(index)"] = "x" }
        let many = try await client.upload([], fields: parts)
        #expect(many.status == 400)
        #expect(many.json["code"] as? String == "parse_error")
        let long = try await client.upload(sample: "gray.jpg", fields: ["title": String(repeating: "a", count: 100_000)])
        #expect(long.status == 400)
        #expect((long.json["title"] as? [String])?.count == 1)
        let broken = try await client.request(
            .POST, "/api/media/", headers: ["Content-Type": "multipart/form-data; boundary=x"], body: Data("--x\r\nno header".utf8))
        #expect(broken.status == 400)
    }

    @Test func nothingOfARefusedUploadStays() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        for sample in ["not-an-image.jpg", "bomb.png", "truncated.jpg", "corrupt.png"] {
            #expect(try await client.upload(sample: sample).status == 400, "\(sample)")
        }
        #expect(try await server.lastingTemporaryFiles() == [])
        #expect(try await client.get("/api/media/").json["count"] as? Int == 0)
        #expect(await server.stop() == 0)
    }

    /// Speaks HTTP by hand, to do what no proper client does.
    @Test func aBodyOverTheLimitIsRefusedBeforeItIsSent() async throws {
        let server = try await SharedServer.process
        let socket = try RawSocket(port: try #require(URL(string: server.baseURL)?.port))
        try socket.send(
            "POST /api/media/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(server.token)\r\nExpect: 100-continue\r\n"
                + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2147483648\r\n\r\n")
        let answer = try socket.receive(until: "upload-limit")
        #expect(answer.hasPrefix("HTTP/1.1 413 "))
        #expect(answer.contains("AGROVET_UPLOAD_LIMIT"))
    }

    @Test func thousandsOfHeadersAreRefused() async throws {
        let server = try await SharedServer.process
        let socket = try RawSocket(port: try #require(URL(string: server.baseURL)?.port))
        let headers = (0..<5000).map { "X-Header-\($0): value\r\n" }.joined()
        // The server answers and closes before all of it is sent.
        try? socket.send("GET /api/media/ HTTP/1.1\r\nHost: x\r\n\(headers)\r\n")
        #expect(try socket.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 431 "))
    }

    @Test func aClientThatStopsHalfWayLeavesNothing() async throws {
        let server = try await AgrovetProcess.start()
        let port = try #require(URL(string: server.baseURL)?.port)
        for _ in 0..<10 {
            let socket = try RawSocket(port: port)
            try socket.send(
                "POST /api/media/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(server.token)\r\n"
                    + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n"
                    + "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n"
                    + String(repeating: "a", count: 100_000))
            socket.close()
        }
        let client = HTTPTestClient(server)
        #expect(try await server.lastingTemporaryFiles() == [])
        #expect(try await client.upload(sample: "gray.jpg").status == 201, "the server goes on")
        #expect(await server.stop() == 0)
    }
}
