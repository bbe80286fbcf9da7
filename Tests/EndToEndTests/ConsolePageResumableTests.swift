import Foundation
import TestSupport
import Testing

/// Files over 8 MB, which the page sends in pieces. One at a time: each has servers and a browser of its own.
@Suite(.serialized) struct ConsolePageResumableTests {
    /// Bytes a second that leave the browser, so that there is a middle to break off in: most of a minute is left of each file then,
    /// for a test that has to wait for its turn.
    private static let throughput = 600_000

    private func throttle(_ browser: Browser, offline: Bool = false, throughput: Int = Self.throughput) async throws {
        try await browser.developerTools("Network.enable", [:])
        try await browser.developerTools(
            "Network.emulateNetworkConditions",
            ["offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": throughput])
    }

    private func largePhoto(_ folder: TemporaryFolder, _ name: String) throws -> (path: String, bytes: Data) {
        let bytes = try TestPhoto.jpeg(size: 30_000_000)
        let path = folder.path + "/" + name
        try bytes.write(to: URL(fileURLWithPath: path))
        return (path, bytes)
    }

    /// Names and sizes of the unfinished uploads on the server.
    private func unfinished(_ server: AgrovetProcess) -> [String: Int] {
        let folder = server.dataFolder + "/uploads"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, (try? FileManager.default.attributesOfItem(atPath: folder + "/" + $0)[.size] as? Int) ?? 0)
            })
    }

    private func expectNothingUnfinished(_ server: AgrovetProcess) async throws {
        let deadline = ContinuousClock.now + Patience.usual
        while unfinished(server) != [:], ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(50)) }
        #expect(unfinished(server) == [:])
    }

    /// Nothing of an upload is remembered in the browser.
    private static let isForgotten = "!Object.keys(localStorage).some((key) => key.includes('upload'))"

    /// Waits until the server has more than `count` bytes of the one upload; the upload's name.
    private func waitForBytes(_ server: AgrovetProcess, above count: Int) async throws -> String {
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline {
            if let one = unfinished(server).first, one.value > count { return one.key }
            try await Task.sleep(for: .milliseconds(30))
        }
        throw Browser.Failure(description: "no upload of more than \(count) bytes on the server: \(unfinished(server))")
    }

    /// How often the server was asked to begin an upload.
    private func creations(_ server: AgrovetProcess) -> Int {
        server.log.split(separator: "\n").filter { $0.contains("\"/api/media/uploads/\"") && $0.contains("\"POST\"") }.count
    }

    private func storedBytes(_ client: HTTPTestClient) async throws -> Data {
        let list = try await client.get("/api/media/").json["results"] as? [[String: Any]]
        let id = try #require(list?.first?["id"] as? String)
        #expect(list?.count == 1)
        return try await client.get("/media/\(id)/original").body
    }

    @Test func aServerThatIsKilledAndComesBackGetsTheRest() async throws {
        try await ConsolePage.visit { page in
            let (browser, server) = (page.browser, page.server)
            let folder = try TemporaryFolder()
            let photo = try largePhoto(folder, "vaca grande.jpg")
            try await throttle(browser)
            try await browser.find("#files").type(photo.path)
            let name = try await waitForBytes(server, above: 9_000_000)
            let port = try #require(URL(string: server.baseURL)?.port)
            await server.kill()
            try await browser.waitUntil("document.querySelector('.upload-state')?.textContent.includes('Connection lost at')")
            try await browser.screenshot("upload-interrupted")
            try await browser.find("[data-language=es]").click()
            try await browser.waitUntil("document.querySelector('.upload-state')?.textContent.includes('Sin conexión al')")
            try await browser.find("[data-language=en]").click()

            let again = try await AgrovetProcess.start(arguments: ["--port", "\(port)"], dataFolder: server.dataFolder)
            do {
                #expect(again.baseURL == server.baseURL)
                let head = try await HTTPTestClient(again).request(
                    .HEAD, "/api/media/uploads/\(name)/", headers: ["Tus-Resumable": "1.0.0"])
                let kept = try #require(head["Upload-Offset"].flatMap { Int($0) }, "\(head)")
                #expect(kept > 1_000_000)
                // It goes on from where it was: the bar never falls back to the start.
                try await browser.waitUntil(
                    "!document.querySelector('.upload-state') || /^\\d+%/.test(document.querySelector('.upload-state').textContent.trim())")
                let share = try await browser.script(
                    "return document.querySelector('.upload progress')?.value ?? 1", as: Double.self)
                #expect(share >= Double(kept) / Double(photo.bytes.count), "\(share)")
                try await throttle(browser, throughput: -1)
                try await page.waitForPictures(1)
                #expect(try await page.captions == ["vaca grande.jpg"])
                #expect(creations(again) == 0, "the upload was not begun anew")
                #expect(try await storedBytes(HTTPTestClient(again)) == photo.bytes)
                // The record is seen before the upload's file is gone.
                try await expectNothingUnfinished(again)
                try await browser.waitUntil(Self.isForgotten)
                try await browser.screenshot("upload-resumed")
            } catch {
                await again.stop()
                throw error
            }
            await again.stop()
        }
    }

    @Test func theSameFileChosenAgainAfterAReloadGoesOnAlsoAfterBeingOffline() async throws {
        try await ConsolePage.visit { page in
            let (browser, server) = (page.browser, page.server)
            let folder = try TemporaryFolder()
            let photo = try largePhoto(folder, "potro.jpg")
            try await throttle(browser)
            try await browser.find("#files").type(photo.path)
            _ = try await waitForBytes(server, above: 4_000_000)
            try await browser.reload()
            try await browser.waitUntil("!document.getElementById('workspace').hidden")
            try await throttle(browser)
            try await browser.find("#files").type(photo.path)
            try await browser.waitUntil("document.querySelector('.upload progress')?.value > 0.1")

            try await throttle(browser, offline: true)
            try await browser.waitUntil("document.querySelector('.upload-state')?.textContent.includes('Connection lost at')")
            try await throttle(browser, throughput: -1)
            try await page.waitForPictures(1)
            #expect(creations(server) == 1, "the upload was gone on with")
            #expect(try await storedBytes(page.client) == photo.bytes)
            try await expectNothingUnfinished(server)
        }
    }

    @Test func aLargeUploadThatIsCancelledLeavesNothingOnTheServer() async throws {
        try await ConsolePage.visit { page in
            let (browser, server) = (page.browser, page.server)
            let folder = try TemporaryFolder()
            let photo = try largePhoto(folder, "novilla.jpg")
            try await throttle(browser)
            try await browser.find("#files").type(photo.path)
            _ = try await waitForBytes(server, above: 1_000_000)
            try await browser.find("[aria-label='Cancel novilla.jpg']").click()
            try await expectNothingUnfinished(server)
            try await browser.waitUntil(Self.isForgotten)
            #expect(try await page.client.get("/api/media/").json["count"] as? Int == 0)
        }
    }

    @Test func aLargeFileThatIsNoPhotoSaysWhy() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            let folder = try TemporaryFolder()
            let path = folder.path + "/letter.jpg"
            try Data(repeating: 0x41, count: 9_000_000).write(to: URL(fileURLWithPath: path))
            try await browser.find("#files").type(path)
            try await browser.waitUntil("document.querySelector('.upload[data-state=failed]')")
            try await browser.find("[data-language=es]").click()
            #expect(try await browser.find(".upload .upload-state").text == "No es una imagen ni un vídeo que se conozca aquí.")
            #expect(unfinished(page.server) == [:])
            try await page.expectQuietConsole(allowing: ["status of 400"])
        }
    }
}
