import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct ResumableKillTests {
    /// Two checkpoints' worth and more.
    private static let size = 40_000_000

    private func waitForOffset(_ tus: TusTestClient, _ url: String, above offset: Int) async throws -> Int {
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline {
            if let now = try await tus.offset(of: url), now > offset { return now }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw AgrovetProcess.Failure(description: "the upload does not come beyond \(offset)")
    }

    /// The path of an upload, for it is at another port after a restart.
    private func path(_ url: String) throws -> String { try #require(URL(string: url)).path + "/" }

    private func file(_ url: String, in data: String) throws -> String {
        data + "/uploads/" + (try #require(URL(string: url)).lastPathComponent)
    }

    /// What is left of uploads: a file goes after the record that was made of it came, and is waited for.
    private func remainder(in data: String) async throws -> [String] {
        let deadline = ContinuousClock.now + Patience.usual
        while true {
            let names = try FileManager.default.contentsOfDirectory(atPath: data + "/uploads")
            if names.isEmpty || ContinuousClock.now > deadline { return names }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func afterAKillTheUploadGoesOnFromWhatIsOnDisk() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        let photo = try TestPhoto.jpeg(size: Self.size)
        let server = try await AgrovetProcess.start(dataFolder: data)
        var tus = TusTestClient(server)
        let url = try await tus.create(length: photo.count, ["title": "Sobreviviente"])
        let sent = 30_000_000
        let connection = tus
        let sender = Task.detached { try connection.beginPatch(url, at: 0, length: photo.count, sending: photo.prefix(sent)) }
        let told = try await waitForOffset(tus, url, above: 0)
        let socket = try await sender.value
        await server.kill()
        socket.close()

        // What a power cut may leave behind the bytes that were synced.
        let file = try file(url, in: data)
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("garbage".utf8))
        try handle.close()

        let again = try await AgrovetProcess.start(dataFolder: data)
        tus = TusTestClient(again)
        let path = try path(url)
        let offset = try #require(try await tus.offset(of: path))
        #expect(offset >= told, "what was told before is still there")
        #expect(offset <= sent)
        let last = try await tus.patch(path, at: offset, photo.dropFirst(offset))
        #expect(last.status == 204, "\(last.text)")
        let media = try #require(last["Agrovet-Media"])
        let record = try await tus.client.poll(media) { $0.json["status"] as? String != "processing" }
        #expect(record.json["status"] as? String == "ready", "\(record.text)")
        #expect(try await tus.client.get("/media/\(try #require(record.json["id"] as? String))/original").body == photo)
        #expect(try await remainder(in: data) == [])
        #expect(await again.stop() == 0)
    }

    @Test func aFileThatLostItsEndIsGoneOnWithFromWhatIsLeft() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        let photo = try TestPhoto.jpeg(size: 2_000_000)
        let server = try await AgrovetProcess.start(dataFolder: data)
        var tus = TusTestClient(server)
        let url = try await tus.create(length: photo.count)
        #expect(try await tus.patch(url, at: 0, photo.prefix(1_500_000)).status == 204)
        let vanished = try await tus.create(length: photo.count)
        #expect(try await tus.patch(vanished, at: 0, photo.prefix(1000)).status == 204)
        await server.kill()
        #expect(truncate(try file(url, in: data), 1_000_000) == 0)
        #expect(unlink(try file(vanished, in: data)) == 0)
        let orphan = data + "/uploads/0190a0b0-0000-7000-8000-000000000000"
        try Data("orphan".utf8).write(to: URL(fileURLWithPath: orphan))

        let again = try await AgrovetProcess.start(dataFolder: data)
        tus = TusTestClient(again)
        #expect(!FileManager.default.fileExists(atPath: orphan), "a file that no upload names goes at the start")
        #expect(try await tus.request(.HEAD, try path(vanished)).status == 410)
        #expect(try await tus.request(.HEAD, try path(vanished)).status == 404)
        let path = try path(url)
        #expect(try await tus.patch(path, at: 1_500_000, photo.dropFirst(1_500_000)).status == 409)
        #expect(try await tus.offset(of: path) == 1_000_000)
        let last = try await tus.patch(path, at: 1_000_000, photo.dropFirst(1_000_000))
        let media = try #require(last["Agrovet-Media"])
        let id = try #require(try await tus.client.get(media).json["id"] as? String)
        #expect(try await tus.client.get("/media/\(id)/original").body == photo)
        #expect(await again.stop() == 0)
    }

    @Test(arguments: 1...3)
    func aKillAtTheEndLosesNoUploadAndMakesNoneTwice(_ round: Int) async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        let server = try await AgrovetProcess.start(dataFolder: data)
        let tus = TusTestClient(server)
        var uploads: [(url: String, photo: Data)] = []
        for number in 0..<6 {
            let photo = try TestPhoto.jpeg(size: 1_200_000, seed: UInt64(round * 10 + number))
            let url = try await tus.create(length: photo.count, ["purpose": "kill"])
            #expect(try await tus.patch(url, at: 0, photo.dropLast(1)).status == 204)
            uploads.append((url, photo))
        }
        // The last byte of each at once; the kill comes when the first of them is acknowledged, or a later one.
        await withTaskGroup(of: Void.self) { group in
            let (answers, answered) = AsyncStream.makeStream(of: Void.self)
            for (url, photo) in uploads {
                group.addTask {
                    _ = try? await tus.patch(url, at: photo.count - 1, photo.suffix(1))
                    answered.yield()
                }
            }
            var count = 0
            for await _ in answers {
                count += 1
                if count == round { break }
            }
            await server.kill()
            // The HTTP client would try to connect again for as long as a request may take, and find another test's server there.
            group.cancelAll()
        }
        let again = try await AgrovetProcess.start(dataFolder: data)
        let survivor = TusTestClient(again)
        for (url, photo) in uploads {
            let path = try path(url)
            var head = try await survivor.request(.HEAD, path)
            if head["Upload-Offset"] == "\(photo.count - 1)" {
                #expect(try await survivor.patch(path, at: photo.count - 1, photo.suffix(1)).status == 204)
                head = try await survivor.request(.HEAD, path)
            }
            // The start takes in what was complete; HEAD meanwhile tells the length without the address.
            let deadline = ContinuousClock.now + Patience.usual
            while head["Agrovet-Media"] == nil, ContinuousClock.now < deadline { head = try await survivor.request(.HEAD, path) }
            #expect(head["Upload-Offset"] == "\(photo.count)")
            let record = try await survivor.client.get(try #require(head["Agrovet-Media"])).json
            #expect(try await survivor.client.get("/media/\(try #require(record["id"] as? String))/original").body == photo)
        }
        #expect(try await survivor.client.get("/api/media/?purpose=kill").json["count"] as? Int == uploads.count)
        #expect(try await remainder(in: data) == [])
        #expect(await again.stop() == 0)
    }
}
