import Crypto
import Foundation
import TestSupport
import Testing

/// tus 1.0 by single requests, each header by hand.
@Suite struct ResumableUploadTests {
    private let photo = try! TestPhoto.jpeg(size: 300_000)

    private func tus() async throws -> TusTestClient { TusTestClient(try await SharedServer.client) }

    @Test func optionsTellWhatThereIsWithoutCredentials() async throws {
        let anonymous = TusTestClient(try await SharedServer.client.anonymous)
        let answer = try await anonymous.request(.OPTIONS, TusTestClient.path, ["Tus-Resumable": ""])
        #expect(answer.status == 204)
        #expect(answer["Tus-Version"] == "1.0.0")
        #expect(answer["Tus-Resumable"] == "1.0.0")
        #expect(answer["Tus-Max-Size"] == "1073741824")
        #expect(answer["Tus-Checksum-Algorithm"] == "sha1,sha256,md5")
        let extensions = Set((answer["Tus-Extension"] ?? "").split(separator: ",").map(String.init))
        #expect(
            extensions == [
                "creation", "creation-with-upload", "creation-defer-length", "checksum", "expiration", "termination", "concatenation",
            ])
    }

    @Test func aPhotoInChunksBecomesARecordWithItsMetadata() async throws {
        let tus = try await tus()
        let url = try await tus.create(
            length: photo.count,
            ["filename": "../ñandú.jpg", "title": "Ñandú", "alt": "Un ñandú", "visibility": "private", "purpose": "ad", "filetype": "x"])
        #expect(url.hasPrefix(tus.client.baseURL + TusTestClient.path))
        var offset = 0
        while offset < photo.count {
            let end = min(photo.count, offset + 100_000)
            let answer = try await tus.patch(url, at: offset, photo[offset..<end])
            #expect(answer.status == 204, "\(answer.text)")
            #expect(answer["Upload-Offset"] == "\(end)")
            #expect(answer["Tus-Resumable"] == "1.0.0")
            #expect(answer["Upload-Expires"]?.hasSuffix(" GMT") == true)
            #expect((answer["Agrovet-Media"] != nil) == (end == photo.count))
            offset = end
        }
        // The answer of the last PATCH may have been lost: HEAD says the same.
        let head = try await tus.request(.HEAD, url)
        #expect(head.status == 200)
        #expect(head["Upload-Offset"] == "\(photo.count)")
        #expect(head["Upload-Length"] == "\(photo.count)")
        #expect(head["Cache-Control"] == "no-store")
        #expect(head["Upload-Metadata"]?.contains("filetype eA==") == true, "metadata come back as they were sent")
        let media = try #require(head["Agrovet-Media"])
        // A PATCH that is sent once more does nothing a second time.
        let again = try await tus.patch(url, at: photo.count, Data())
        #expect(again.status == 204)
        #expect(again["Agrovet-Media"] == media)

        let record = try await tus.client.get(media).json
        #expect(record["filename"] as? String == "ñandú.jpg")
        #expect(record["title"] as? String == "Ñandú")
        #expect(record["alt"] as? String == "Un ñandú")
        #expect(record["visibility"] as? String == "private")
        #expect(record["purpose"] as? String == "ad")
        #expect(record["size"] as? Int == photo.count)
        let id = try #require(record["id"] as? String)
        #expect(try await tus.client.get("/media/\(id)/original").body == photo)
        let ready = try await tus.client.poll(media) { $0.json["status"] as? String != "processing" }
        #expect(ready.json["status"] as? String == "ready")
    }

    @Test func anotherVersionOrNoneIsRefused() async throws {
        let tus = try await tus()
        let url = try await tus.create(length: 10)
        for version in ["", "0.2.2"] {
            let creation = try await tus.request(.POST, TusTestClient.path, ["Tus-Resumable": version, "Upload-Length": "1"])
            #expect(creation.status == 412)
            #expect(creation["Tus-Version"] == "1.0.0")
            #expect(try await tus.patch(url, at: 0, Data([1]), ["Tus-Resumable": version]).status == 412)
            #expect(try await tus.request(.HEAD, url, ["Tus-Resumable": version]).status == 412)
            #expect(try await tus.request(.DELETE, url, ["Tus-Resumable": version]).status == 412)
        }
        #expect(try await tus.offset(of: url) == 0)
    }

    @Test func creationRefusesWhatCannotBecomeAnUpload() async throws {
        let tus = try await tus()
        func status(_ headers: [String: String], body: Data? = nil) async throws -> Int {
            try await tus.request(.POST, TusTestClient.path, headers, body: body).status
        }
        #expect(try await status([:]) == 400, "no length")
        #expect(try await status(["Upload-Length": "-1"]) == 400)
        #expect(try await status(["Upload-Length": "+1"]) == 400)
        #expect(try await status(["Upload-Length": "9999999999999999999999"]) == 400)
        #expect(try await status(["Upload-Length": "5", "Upload-Defer-Length": "1"]) == 400)
        #expect(try await status(["Upload-Defer-Length": "2"]) == 400)
        #expect(try await status(["Upload-Length": "\(1 << 40)"]) == 413)
        #expect(try await status(["Upload-Length": "5", "Content-Type": "text/plain"], body: Data("hello".utf8)) == 415)
        #expect(try await status(["Upload-Length": "5", "Upload-Metadata": "title not-base64!"]) == 400)
        let visibility = try await tus.request(
            .POST, TusTestClient.path, ["Upload-Length": "5", "Upload-Metadata": TusTestClient.metadata(["visibility": "secret"])])
        #expect(visibility.status == 400)
        #expect((visibility.json["visibility"] as? [String])?.first?.contains("secret") == true)
        let empty = try await tus.request(.POST, TusTestClient.path, ["Upload-Length": "0"])
        #expect(empty.status == 400)
        #expect(empty["X-Error-Code"] == "empty_file")
    }

    @Test func aPatchSaysWhereItBeginsAndWhatItIs() async throws {
        let tus = try await tus()
        let url = try await tus.create(length: 100)
        #expect(try await tus.patch(url, at: 0, Data(count: 40)).status == 204)
        for wrong in [0, 39, 41, 100] {
            let answer = try await tus.patch(url, at: wrong, Data(count: 10))
            #expect(answer.status == 409)
            #expect(answer["Upload-Offset"] == "40")
        }
        #expect(try await tus.patch(url, at: 40, Data(count: 1), ["Upload-Offset": ""]).status == 400)
        #expect(try await tus.patch(url, at: 40, Data(count: 1), ["Content-Type": "image/jpeg"]).status == 415)
        #expect(try await tus.patch(url, at: 40, Data(count: 61)).status == 413, "more than is left")
        let chunked = try await chunkedPatch(url, at: 40, Data(count: 61), tus)
        #expect(chunked.hasPrefix("HTTP/1.1 413 "), "nor where the body does not say its length")
        #expect(try await tus.offset(of: url) == 40)
        #expect(try await tus.request(.GET, url).status == 405)
        for path in ["nonsense", "0190a0b0-0000-7000-8000-000000000000", "..%2f..%2fetc%2fpasswd"] {
            #expect(try await tus.request(.HEAD, TusTestClient.path + path + "/").status == 404)
        }
    }

    private func chunkedPatch(_ url: String, at offset: Int, _ bytes: Data, _ tus: TusTestClient) async throws -> String {
        let address = try #require(URL(string: url))
        let socket = try RawSocket(port: try #require(address.port))
        defer { socket.close() }
        try socket.send(
            "PATCH \(address.path)/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(tus.client.token ?? "")\r\nTus-Resumable: 1.0.0\r\n"
                + "Upload-Offset: \(offset)\r\nContent-Type: application/offset+octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "\(String(bytes.count, radix: 16))\r\n")
        try socket.send(bytes)
        try socket.send("\r\n0\r\n\r\n")
        return try socket.receive(until: "\r\n\r\n")
    }

    @Test(arguments: ["sha1", "sha256", "md5"])
    func aChecksumIsHeeded(_ algorithm: String) async throws {
        let tus = try await tus()
        func digest(_ bytes: Data) -> String {
            switch algorithm {
            case "sha1": Data(Insecure.SHA1.hash(data: bytes)).base64EncodedString()
            case "md5": Data(Insecure.MD5.hash(data: bytes)).base64EncodedString()
            default: Data(SHA256.hash(data: bytes)).base64EncodedString()
            }
        }
        let url = try await tus.create(length: photo.count)
        let (first, rest) = (photo.prefix(100_000), photo.dropFirst(100_000))
        #expect(try await tus.patch(url, at: 0, first, ["Upload-Checksum": "\(algorithm) \(digest(first))"]).status == 204)
        let wrong = try await tus.patch(url, at: 100_000, rest, ["Upload-Checksum": "\(algorithm) \(digest(first))"])
        #expect(wrong.status == 460)
        #expect(wrong["X-Error-Code"] == "checksum_mismatch")
        #expect(try await tus.offset(of: url) == 100_000, "the chunk is dropped")
        #expect(try await tus.patch(url, at: 100_000, rest, ["Upload-Checksum": "crc32 AAAA"]).status == 400)
        #expect(try await tus.patch(url, at: 100_000, rest, ["Upload-Checksum": "\(algorithm) AAAA"]).status == 400)
        let right = try await tus.patch(url, at: 100_000, rest, ["Upload-Checksum": "\(algorithm) \(digest(Data(rest)))"])
        #expect(right.status == 204)
        let media = try #require(right["Agrovet-Media"])
        let sha256 = SHA256.hash(data: photo).map { String(format: "%02x", $0) }.joined()
        #expect(try await tus.client.get(media).json["sha256"] as? String == sha256)
    }

    @Test func aCreationMayCarryBytes() async throws {
        let tus = try await tus()
        let headers = ["Upload-Length": "\(photo.count)", "Content-Type": "application/offset+octet-stream"]
        let part = try await tus.request(.POST, TusTestClient.path, headers, body: photo.prefix(1000))
        #expect(part.status == 201)
        #expect(part["Upload-Offset"] == "1000")
        let url = try #require(part["Location"])
        #expect(try await tus.patch(url, at: 1000, photo.dropFirst(1000)).status == 204)
        let whole = try await tus.request(.POST, TusTestClient.path, headers, body: photo)
        #expect(whole.status == 201)
        #expect(whole["Upload-Offset"] == "\(photo.count)")
        #expect(try await tus.client.get(try #require(whole["Agrovet-Media"])).status == 200)
    }

    @Test func theLengthMayBeSaidLater() async throws {
        let tus = try await tus()
        let created = try await tus.request(.POST, TusTestClient.path, ["Upload-Defer-Length": "1"])
        #expect(created.status == 201)
        let url = try #require(created["Location"])
        #expect(try await tus.patch(url, at: 0, photo.prefix(5000)).status == 204)
        let head = try await tus.request(.HEAD, url)
        #expect(head["Upload-Defer-Length"] == "1")
        #expect(head["Upload-Length"] == nil)
        #expect(try await tus.patch(url, at: 5000, Data(), ["Upload-Length": "4999"]).status == 400, "shorter than what is there")
        #expect(try await tus.patch(url, at: 5000, Data(), ["Upload-Length": "\(1 << 40)"]).status == 413)
        #expect(try await tus.patch(url, at: 5000, Data(), ["Upload-Length": "\(photo.count)"]).status == 204)
        #expect(try await tus.request(.HEAD, url)["Upload-Length"] == "\(photo.count)")
        #expect(try await tus.patch(url, at: 5000, Data(), ["Upload-Length": "\(photo.count + 1)"]).status == 400, "it is said once")
        let last = try await tus.patch(url, at: 5000, photo.dropFirst(5000))
        #expect(last["Agrovet-Media"] != nil)
    }

    @Test func partialUploadsBecomeOne() async throws {
        let tus = try await tus()
        let middle = photo.count / 2
        let first = try await tus.create(length: middle, [:], ["Upload-Concat": "partial"])
        let second = try await tus.create(length: photo.count - middle, [:], ["Upload-Concat": "partial"])
        #expect(try await tus.patch(second, at: 0, photo.dropFirst(middle))["Agrovet-Media"] == nil)
        let final = "final;\(first) \(try #require(URL(string: second)).path)/"
        let early = try await tus.request(.POST, TusTestClient.path, ["Upload-Concat": final])
        #expect(early.status == 409, "a piece is not complete")
        #expect(try await tus.patch(first, at: 0, photo.prefix(middle)).status == 204)
        #expect(try await tus.request(.HEAD, first)["Upload-Concat"] == "partial")
        #expect(try await tus.request(.POST, TusTestClient.path, ["Upload-Concat": final, "Upload-Length": "5"]).status == 400)
        #expect(try await tus.request(.POST, TusTestClient.path, ["Upload-Concat": "final;/x/y"]).status == 400)
        #expect(try await tus.request(.POST, TusTestClient.path, ["Upload-Concat": "final;"]).status == 400)
        #expect(try await tus.request(.POST, TusTestClient.path, ["Upload-Concat": "other"]).status == 400)
        let asked = ["Upload-Concat": final, "Upload-Metadata": TusTestClient.metadata(["title": "Entera"])]
        let made = try await tus.request(.POST, TusTestClient.path, asked)
        #expect(made.status == 201, "\(made.text)")
        let url = try #require(made["Location"])
        let head = try await tus.request(.HEAD, url)
        #expect(head["Upload-Length"] == "\(photo.count)")
        #expect(head["Upload-Offset"] == "\(photo.count)")
        #expect(head["Upload-Concat"]?.hasPrefix("final;/api/media/uploads/") == true)
        #expect(try await tus.patch(url, at: photo.count, Data()).status == 403)
        let record = try await tus.client.get(try #require(head["Agrovet-Media"])).json
        #expect(record["title"] as? String == "Entera")
        #expect(try await tus.client.get("/media/\(try #require(record["id"] as? String))/original").body == photo)
        // The pieces have done what they were for.
        for piece in [first, second] {
            #expect(try await tus.request(.HEAD, piece).status == 404)
            let id = try #require(piece.split(separator: "/").last)
            let file = try await SharedServer.process.dataFolder + "/uploads/" + id
            #expect(!FileManager.default.fileExists(atPath: file))
        }
        // Whom the answer did not reach asks again.
        let again = try await tus.request(.POST, TusTestClient.path, asked)
        #expect(again.status == 201 && again["Location"] == url && again["Agrovet-Media"] == head["Agrovet-Media"], "\(again)")
        #expect(try await tus.request(.POST, TusTestClient.path, ["Upload-Concat": final]).status == 400, "another upload is another")
        #expect(try await tus.request(.DELETE, url).status == 204)
        #expect(try await tus.request(.POST, TusTestClient.path, asked).status == 400, "and it is gone when it was ended")
    }

    @Test func piecesOfWhatIsRefusedStay() async throws {
        let tus = try await tus()
        let piece = try await tus.create(length: 10, [:], ["Upload-Concat": "partial"])
        #expect(try await tus.patch(piece, at: 0, Data("no picture".utf8)).status == 204)
        #expect(try await tus.request(.POST, TusTestClient.path, ["Upload-Concat": "final;\(piece)"]).status == 400)
        #expect(try await tus.offset(of: piece) == 10)
    }

    @Test func aTerminatedUploadIsGone() async throws {
        let tus = try await tus()
        let url = try await tus.create(length: 100)
        #expect(try await tus.patch(url, at: 0, Data(count: 40)).status == 204)
        #expect(try await tus.request(.DELETE, url).status == 204)
        #expect(try await tus.request(.HEAD, url).status == 404)
        #expect(try await tus.patch(url, at: 40, Data(count: 1)).status == 404)
        #expect(try await tus.request(.DELETE, url).status == 404)
    }

    @Test func aClientThatKnowsOnlyPOSTSaysTheMethodInAHeader() async throws {
        let tus = try await tus()
        let url = try await tus.create(length: 100)
        let patched = try await tus.request(
            .POST, url,
            ["X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"],
            body: Data(count: 7))
        #expect(patched.status == 204)
        #expect(try await tus.request(.POST, url, ["X-HTTP-Method-Override": "HEAD"])["Upload-Offset"] == "7")
        #expect(try await tus.request(.POST, url).status == 405)
        #expect(try await tus.request(.POST, TusTestClient.path, ["X-HTTP-Method-Override": "OPTIONS"])["Tus-Version"] == "1.0.0")
        #expect(try await tus.request(.POST, url, ["X-HTTP-Method-Override": "DELETE"]).status == 204)
    }

    @Test func withoutCredentialsThereIsNothing() async throws {
        let tus = try await tus()
        let url = try await tus.create(length: 100)
        let anonymous = TusTestClient(tus.client.anonymous)
        #expect(try await anonymous.request(.POST, TusTestClient.path, ["Upload-Length": "1"]).status == 401)
        #expect(try await anonymous.request(.HEAD, url).status == 401)
        #expect(try await anonymous.patch(url, at: 0, Data(count: 1)).status == 401)
        #expect(try await anonymous.request(.DELETE, url).status == 401)
        #expect(try await tus.offset(of: url) == 0)
    }

    /// Waits until bytes of the upload are in its file, which says that a connection has the upload. To ask the server itself
    /// would be to take it for a moment, in which the other connection could come.
    private func waitForBytes(_ url: String, of server: AgrovetProcess) async throws {
        let path = server.dataFolder + "/uploads/" + (try #require(URL(string: url)).lastPathComponent)
        let deadline = ContinuousClock.now + Patience.usual
        while try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) == 0 {
            try #require(ContinuousClock.now < deadline, "no bytes came")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func aSecondWriterIsLockedOutAndADroppedConnectionIsNotHeld() async throws {
        let tus = try await tus()
        let photo = try TestPhoto.jpeg(size: 1_000_000)
        let url = try await tus.create(length: photo.count)
        let socket = try tus.beginPatch(url, at: 0, length: photo.count, sending: photo.prefix(600_000))
        try await waitForBytes(url, of: try await SharedServer.process)
        let second = try await tus.patch(url, at: 1, Data(count: 1))
        #expect(second.status == 423)
        #expect(second["X-Error-Code"] == "upload_locked")
        let deadline = ContinuousClock.now + Patience.usual
        socket.close()
        var offset = try await tus.offset(of: url)
        while offset != 600_000, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
            offset = try await tus.offset(of: url)
        }
        #expect(offset == 600_000, "what came before the connection dropped is kept")
        #expect(try await tus.patch(url, at: 600_000, photo.dropFirst(600_000))["Agrovet-Media"] != nil)
    }

    @Test func ofTwoWhoSendTheSameBytesAtOnceOneIsTaken() async throws {
        let tus = try await tus()
        for _ in 0..<5 {
            let url = try await tus.create(length: photo.count)
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await tus.patch(url, at: 0, photo).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0 == 204 }.count == 1, "\(answers)")
            #expect(answers.allSatisfy { [204, 409, 423].contains($0) }, "\(answers)")
        }
    }

    @Test func aFileThatIsNoPhotoIsRefusedAtItsEndAndLeavesNothing() async throws {
        let server = try await AgrovetProcess.start()
        let tus = TusTestClient(server)
        for (sample, code) in [("not-an-image.jpg", "unknown_format"), ("truncated.jpg", "truncated"), ("bomb.png", "too_many_pixels")] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: Executables.sample(sample)))
            let url = try await tus.create(length: bytes.count, ["filename": sample])
            let answer = try await tus.patch(url, at: 0, bytes)
            let form = try await tus.client.upload([(sample, bytes)])
            #expect(answer.status == 400)
            #expect(answer["X-Error-Code"] == code)
            #expect(answer.text == form.text, "the same words as for a form")
            #expect(try await tus.request(.HEAD, url).status == 404)
        }
        let url = try await tus.create(length: photo.count)
        #expect(try await tus.patch(url, at: 0, photo).status == 204)
        #expect(Self.files(server) == [], "neither a refused upload nor one that became a record leaves a file")
        #expect(try await server.lastingTemporaryFiles() == [])
        #expect(await server.stop() == 0)
    }

    private static func files(_ server: AgrovetProcess) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: server.dataFolder + "/uploads")) ?? ["no folder"]
    }

    @Test func anUploadThatNobodyGoesOnWithExpires() async throws {
        let server = try await AgrovetProcess.start(arguments: ["--set", "resumable-lifetime=40s"])
        let tus = TusTestClient(server)
        let url = try await tus.create(length: 100)
        #expect(try await tus.patch(url, at: 0, Data(count: 10)).status == 204)
        let permissions = try FileManager.default.attributesOfItem(atPath: server.dataFolder + "/uploads")[.posixPermissions] as? Int
        #expect(permissions == 0o700)
        let deadline = ContinuousClock.now + Patience.usual
        while Self.files(server) != [], ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(50)) }
        #expect(Self.files(server) == [], "the sweep takes the file")
        #expect([404, 410].contains(try await tus.patch(url, at: 10, Data(count: 1)).status))
        #expect(await server.stop() == 0)
    }

    @Test func anExpiredUploadThatIsNotSweptYetIsGone() async throws {
        // Swept every five seconds: of uploads that begin one after the other some have expired and are still there.
        let server = try await AgrovetProcess.start(arguments: ["--set", "resumable-lifetime=20s"])
        let tus = TusTestClient(server)
        var urls: [String] = []
        var statuses: Set<Int> = []
        let deadline = ContinuousClock.now + Patience.usual
        while !statuses.isSuperset(of: [200, 410, 404]), ContinuousClock.now < deadline {
            if urls.count < 8 { urls.append(try await tus.create(length: 100)) }
            for url in urls {
                let status = try await tus.request(.HEAD, url).status
                if status == 404 { urls.removeAll { $0 == url } }
                statuses.insert(status)
            }
            try await Task.sleep(for: .milliseconds(500))
        }
        #expect(statuses == [200, 410, 404])
        #expect(await server.stop() == 0)
    }

    @Test func anOwnerHasSoManyUploadsAtOnce() async throws {
        let server = try await AgrovetProcess.start(arguments: ["--set", "resumable-uploads=2", "--set", "resumable-limit=1MiB"])
        let tus = TusTestClient(server)
        let first = try await tus.create(length: 10)
        _ = try await tus.create(length: 10)
        let third = try await tus.request(.POST, TusTestClient.path, ["Upload-Length": "10"])
        #expect(third.status == 429)
        #expect(third["X-Error-Code"] == "too_many_uploads")
        #expect(try await tus.request(.DELETE, first).status == 204)
        let open = try await tus.request(.POST, TusTestClient.path, ["Upload-Defer-Length": "1"])
        #expect(open.status == 201)
        let url = try #require(open["Location"])
        #expect(try await tus.patch(url, at: 0, Data(count: 1 << 20 + 1)).status == 413, "an open length is bounded as well")
        #expect(await server.stop() == 0)
    }

    @Test func aSilentWriterGivesWayToWhoAsks() async throws {
        let server = try await AgrovetProcess.start(arguments: ["--set", "resumable-stall=100ms"])
        let tus = TusTestClient(server)
        let photo = try TestPhoto.jpeg(size: 1_000_000)
        let url = try await tus.create(length: photo.count)
        // A connection that is dead without anybody knowing it: it stays open, and nothing comes.
        let socket = try tus.beginPatch(url, at: 0, length: photo.count, sending: photo.prefix(600_000))
        defer { socket.close() }
        try await waitForBytes(url, of: server)
        let deadline = ContinuousClock.now + Patience.usual
        var answer = try await tus.patch(url, at: 1, Data(count: 1))
        while answer.status != 204, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(30))
            let offset = try #require(try await tus.offset(of: url))
            #expect(offset <= 600_000)
            answer = try await tus.patch(url, at: offset, photo.dropFirst(offset))
        }
        let media = try #require(answer["Agrovet-Media"])
        let id = try #require(try await tus.client.get(media).json["id"] as? String)
        #expect(try await tus.client.get("/media/\(id)/original").body == photo)
        #expect(await server.stop() == 0)
    }

    @Test func pagesOfOtherOriginsMayUploadWhereTheSettingNamesThem() async throws {
        let server = try await AgrovetProcess.start(arguments: ["--set", "cors-origins=https://app.example.org"])
        let tus = TusTestClient(server)
        let preflight = try await tus.client.anonymous.request(
            .OPTIONS, TusTestClient.path,
            headers: [
                "Origin": "https://app.example.org", "Access-Control-Request-Method": "PATCH",
                "Access-Control-Request-Headers": "tus-resumable,upload-offset",
            ])
        #expect(preflight["Access-Control-Allow-Methods"]?.contains("PATCH") == true)
        let allowed = preflight["Access-Control-Allow-Headers"] ?? ""
        for name in ["Tus-Resumable", "Upload-Length", "Upload-Metadata", "Upload-Offset", "Upload-Checksum", "Upload-Concat"] {
            #expect(allowed.contains(name), "\(name)")
        }
        let answer = try await tus.request(
            .POST, TusTestClient.path, ["Upload-Length": "10", "Origin": "https://app.example.org"])
        let exposed = answer["Access-Control-Expose-Headers"] ?? ""
        for name in ["Location", "Upload-Offset", "Upload-Length", "Upload-Expires", "Agrovet-Media", "Tus-Version", "Tus-Max-Size"] {
            #expect(exposed.contains(name), "\(name)")
        }
        #expect(await server.stop() == 0)
    }

    @Test func onPostgreSQLItIsTheSame() async throws {
        let url = try await PostgreSQLServer.shared.makeDatabase()
        let server = try await AgrovetProcess.start(environment: ["AGROVET_DATABASE_URL": url])
        let tus = TusTestClient(server)
        let upload = try await tus.create(length: photo.count, ["title": "Potro"])
        #expect(try await tus.patch(upload, at: 0, photo.prefix(1000)).status == 204)
        #expect(try await tus.offset(of: upload) == 1000)
        let media = try #require(try await tus.patch(upload, at: 1000, photo.dropFirst(1000))["Agrovet-Media"])
        #expect(try await tus.client.get(media).json["title"] as? String == "Potro")
        #expect(try await tus.request(.HEAD, upload)["Agrovet-Media"] == media)
        #expect(await server.stop() == 0)
    }

    /// Its client never heard where it is.
    @Test func aCreationWhoseClientIsGoneLeavesNothing() async throws {
        let server = try await AgrovetProcess.start()
        let port = try #require(URL(string: server.baseURL)?.port)
        for _ in 0..<3 {
            let socket = try RawSocket(port: port)
            try socket.send(
                "POST \(TusTestClient.path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(server.token)\r\nTus-Resumable: 1.0.0\r\n"
                    + "Upload-Length: 100000\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 100000\r\n\r\nhalf")
            let folder = server.dataFolder + "/uploads"
            let deadline = ContinuousClock.now + Patience.usual
            func count() -> Int { (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 0 }
            while count() == 0, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
            socket.reset()
            while count() > 0, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
            #expect(count() == 0)
        }
        #expect(!server.log.contains("unexpected error"), "a client that leaves is no fault of the server")
        #expect(await server.stop() == 0)
    }
}
