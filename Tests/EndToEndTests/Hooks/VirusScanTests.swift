import Foundation
import TestSupport
import Testing

/// Against a real clamd.
@Suite struct VirusScanTests {
    private static var clean: Data { get throws { try Data(contentsOf: URL(fileURLWithPath: Executables.sample("gray.jpg"))) } }

    /// The photo with a comment (JPEG's COM segment) behind its first marker: still a photo.
    private static func photo(comment: String) throws -> Data {
        let bytes = try clean
        let length = comment.utf8.count + 2
        var photo = Data(bytes.prefix(2))
        photo.append(contentsOf: [0xFF, 0xFE, UInt8(length >> 8), UInt8(length & 0xFF)])
        photo.append(contentsOf: comment.utf8)
        photo.append(bytes.dropFirst(2))
        return photo
    }

    private func leaves(_ server: AgrovetProcess, objects count: Int) async throws {
        #expect(try await server.lastingTemporaryFiles() == [])
        let folder = server.dataFolder + "/objects"
        // Blobs are named by their SHA-256.
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { ($0 as NSString).lastPathComponent.count >= 60 }
        #expect(files.count == count, "\(files)")
    }

    @Test func anInfectedPhotoIsRefusedAndACleanOneTaken() async throws {
        let clamd = try await ClamAVServer.start()
        let server = try await AgrovetProcess.start(arguments: ["--set", "clamd=\(clamd.address)"])
        let client = HTTPTestClient(server)
        let infected = try Self.photo(comment: "x" + ClamAVServer.pattern + "y")
        let refused = try await client.upload([("vaca secreta.jpg", infected)])
        #expect(refused.status == 400)
        #expect(refused["X-Error-Code"] == "infected")
        let message = try #require((refused.json["file"] as? [String])?.first)
        #expect(message.hasPrefix("vaca secreta.jpg: ") && message.contains(ClamAVServer.signature))
        // One of two: nothing of the request is kept.
        #expect(try await client.upload([("a.jpg", try Self.clean), ("b.jpg", infected)]).status == 400)
        #expect(try await client.get("/api/media/").json["count"] as? Int == 0)
        try await leaves(server, objects: 0)

        let taken = try await client.upload([("b.jpg", try Self.photo(comment: "harmless"))], headers: ["Prefer": "wait=30"])
        #expect(taken.status == 201)
        #expect(taken.json["status"] as? String == "ready")
        // What is no picture is refused as that, and the scanner not asked.
        #expect(try await client.upload([("x.jpg", Data(ClamAVServer.pattern.utf8))])["X-Error-Code"] == "unknown_format")

        let metrics = try await client.get("/metrics").text
        #expect(metrics.contains(#"agrovet_scans_total{result="infected"} 2"#))
        #expect(metrics.contains(#"agrovet_scans_total{result="clean"} 2"#))
        let health = try await client.get("/health/")
        let check = (health.json["checks"] as? [String: [String: Any]])?["scanner"]
        #expect(check?["status"] as? String == "ok")
        #expect((check?["detail"] as? String)?.hasPrefix("ClamAV") == true)
        #expect(server.log.contains(ClamAVServer.signature))
        #expect(!server.log.contains("vaca secreta"))
        let doctor = try await ChildProcess.run(
            Executables.agrovet, ["doctor", "--data", server.dataFolder, "--set", "clamd=\(clamd.address)"])
        #expect(doctor.output.contains("✓ clamd"))
        #expect(await server.stop() == 0)
        await clamd.stop()
    }

    @Test func withoutItsScannerTheServerTakesNothingAndDeliversAllTheSame() async throws {
        let clamd = try await ClamAVServer.start()
        let server = try await AgrovetProcess.start(arguments: ["--set", "clamd=\(clamd.address)", "--set", "scan-timeout=100s"])
        let client = HTTPTestClient(server)
        let first = try await client.upload(sample: "gray.jpg", headers: ["Prefer": "wait=30"])
        try #require(first.status == 201, "\(first.text)")
        let id = try #require(first.json["id"] as? String)

        await clamd.stop()
        let stopped = try await client.upload(sample: "photo.jpg")
        #expect(stopped.status == 503)
        #expect(stopped.json["code"] as? String == "scanner_unavailable")
        #expect(stopped["Retry-After"] != nil)
        let health = try await client.get("/health/ready/")
        #expect(health.status == 200, "what is stored is delivered")
        #expect((health.json["checks"] as? [String: [String: Any]])?["scanner"]?["status"] as? String == "failed")
        #expect(try await client.anonymous.get("/media/\(id)/thumb.webp").status == 200)
        let doctor = try await ChildProcess.run(
            Executables.agrovet, ["doctor", "--data", server.dataFolder, "--set", "clamd=\(clamd.address)"])
        #expect(doctor.status == 1 && doctor.output.contains("✗ clamd"))

        let again = try await clamd.again()
        // A server that waits for a moment only, where no scan has to come to its end.
        let hasty = try await AgrovetProcess.start(arguments: ["--set", "clamd=\(clamd.address)", "--set", "scan-timeout=1s"])
        again.pause()
        let hanging = try await HTTPTestClient(hasty).upload(sample: "photo.jpg")
        #expect(hanging.status == 503)
        #expect(hanging.json["code"] as? String == "scanner_unavailable")
        #expect(hasty.log.contains("did not answer in time"))
        #expect(try await hasty.lastingTemporaryFiles() == [])
        #expect(await hasty.stop() == 0)
        again.resume()
        let taken = try await client.poll("/health/") {
            ($0.json["checks"] as? [String: [String: Any]])?["scanner"]?["status"] as? String == "ok"
        }
        #expect(taken.status == 200)
        #expect(try await client.upload(sample: "photo.jpg").status == 201)
        #expect(await server.stop() == 0)
        await again.stop()
    }

    @Test func aScannerThatIsNotRequiredIsMissedButNotWaitedFor() async throws {
        let folder = try TemporaryFolder()
        let server = try await AgrovetProcess.start(
            arguments: ["--set", "clamd=unix:\(folder.path)/nobody", "--set", "scan-required=false"])
        let client = HTTPTestClient(server)
        #expect(try await client.upload(sample: "gray.jpg").status == 201)
        #expect(try await client.get("/metrics").text.contains(#"agrovet_scans_total{result="unavailable"} 1"#))
        #expect(await server.stop() == 0)
    }

    @Test func aFileThatIsLongerThanTheScannerTakesIsRefusedByTheNameOfItsLimit() async throws {
        let clamd = try await ClamAVServer.start(options: ["StreamMaxLength 64K"])
        let server = try await AgrovetProcess.start(arguments: ["--set", "clamd=\(clamd.address)"])
        let client = HTTPTestClient(server)
        // Behind a photo's end may stand anything.
        for size in [100_000, 8_000_000] {
            let answer = try await client.upload([("long.jpg", try Self.clean + Data(repeating: 0x61, count: size))])
            #expect(answer.status == 413)
            #expect(answer.json["code"] as? String == "scan_limit", "\(answer.text)")
            #expect((answer.json["detail"] as? String)?.contains("StreamMaxLength") == true)
        }
        try await leaves(server, objects: 0)
        #expect(try await client.upload([("short.jpg", try Self.clean)]).status == 201)
        #expect(await server.stop() == 0)
        await clamd.stop()
    }

    @Test func manyScansAtOnceAllComeToAnEnd() async throws {
        let clamd = try await ClamAVServer.start()
        let server = try await AgrovetProcess.start(arguments: ["--set", "clamd=\(clamd.address)", "--set", "scan-connections=2"])
        let client = HTTPTestClient(server)
        let (good, bad) = (try Self.clean, try Self.photo(comment: ClamAVServer.pattern))
        let statuses = try await withThrowingTaskGroup(of: (Bool, Int).self) { group in
            for number in 0..<24 {
                let isBad = number % 3 == 0
                group.addTask { (isBad, try await client.upload([("\(number).jpg", isBad ? bad : good)]).status) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.count == 24)
        #expect(statuses.allSatisfy { $0.0 ? $0.1 == 400 : $0.1 == 201 })
        #expect(await server.stop() == 0)
        await clamd.stop()
    }
}
