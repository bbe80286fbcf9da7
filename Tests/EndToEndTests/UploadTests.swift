import Foundation
import TestSupport
import Testing

@Suite struct UploadTests {
    @Test func anUploadAnswersWithTheWholeRecord() async throws {
        let client = try await SharedServer.client
        let answer = try await client.upload(
            sample: "photo.jpg", fields: ["title": "Una vaca", "alt": "Vaca en el prado", "purpose": "ad"])
        #expect(answer.status == 201)
        let record = answer.json
        let id = try #require(record["id"] as? String)
        #expect(id.count == 36 && Array(id)[14] == "7")
        #expect(answer["Location"] == "\(client.baseURL)/api/media/\(id)/")
        #expect(record["kind"] as? String == "image")
        #expect(record["status"] as? String == "processing")
        #expect(record["title"] as? String == "Una vaca")
        #expect(record["alt"] as? String == "Vaca en el prado")
        #expect(record["purpose"] as? String == "ad")
        #expect(record["visibility"] as? String == "public")
        #expect(record["content_type"] as? String == "image/jpeg")
        #expect(record["filename"] as? String == "photo.jpg")
        #expect(record["owner"] as? String == "admin")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        #expect(record["size"] as? Int == bytes.count)
        #expect((record["sha256"] as? String)?.count == 64)
        let renditions = try #require(record["renditions"] as? [[String: Any]])
        #expect(
            renditions.compactMap { "\($0["name"] ?? "").\($0["format"] ?? "")" } == [
                "thumb.webp", "thumb.jpeg", "small.webp", "small.jpeg", "medium.webp", "medium.jpeg", "large.webp", "large.jpeg",
            ])
        #expect(renditions.allSatisfy { ($0["url"] as? String)?.hasPrefix(client.baseURL) == true })
    }

    @Test func withPreferWaitTheRecordIsReadyAndEveryRenditionHasItsSize() async throws {
        let client = try await SharedServer.client
        // Not by `upload`, which would ask again.
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        let form = MultipartForm(files: [("photo.jpg", photo)], fields: [:])
        let record = try await client.request(
            .POST, "/api/media/", headers: ["Content-Type": form.contentType, "Prefer": "wait=120"], body: form.body
        ).json
        #expect(record["status"] as? String == "ready")
        #expect((record["placeholder"] as? String).flatMap { Data(base64Encoded: $0) }?.isEmpty == false)
        #expect((record["color"] as? String)?.count == 7)
        let renditions = try #require(record["renditions"] as? [[String: Any]])
        #expect(renditions.count == 8)
        for rendition in renditions {
            let url = try #require(rendition["url"] as? String)
            let image = try await client.anonymous.get(url)
            #expect(image.status == 200)
            #expect(image.body.count == rendition["size"] as? Int, "\(url)")
            #expect(image["Content-Type"] == rendition["content_type"] as? String)
        }
    }

    @Test func severalFilesOfOneFormBecomeSeveralRecords() async throws {
        let client = try await SharedServer.client
        let names = ["photo.jpg", "alpha.png", "photo.webp"]
        let files = try names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: Executables.sample($0)))) }
        let answer = try await client.upload(files, fields: ["purpose": "batch"])
        #expect(answer.status == 201)
        let results = try #require(answer.json["results"] as? [[String: Any]])
        #expect(results.compactMap { $0["filename"] as? String } == names)
        #expect(results.compactMap { $0["content_type"] as? String } == ["image/jpeg", "image/png", "image/webp"])
    }

    @Test(arguments: [
        "photo.jpg", "progressive.jpg", "gray.jpg", "cmyk.jpg", "422.jpg", "444.jpg", "display-p3.jpg", "gps.jpg", "alpha.png",
        "palette.png",
        "16bit.png", "interlaced.png", "photo.webp", "alpha.webp", "animated.webp", "lossless.webp", "animated.gif", "photo.heic",
        "photo.avif",
    ])
    func everyFormatBecomesReady(_ sample: String) async throws {
        let client = try await SharedServer.client
        let record = try await client.upload(sample: sample, headers: ["Prefer": "wait=30"]).json
        #expect(record["status"] as? String == "ready", "\(sample): \(record["error"] ?? "")")
    }

    @Test func theSameBytesTakeTheirRoomOnce() async throws {
        let server = try await AgrovetProcess.start()
        let client = HTTPTestClient(server)
        _ = try await client.upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"])
        let before = Self.bytes(in: server.dataFolder + "/objects")
        let second = try await client.upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"]).json
        #expect(second["status"] as? String == "ready")
        #expect(Self.bytes(in: server.dataFolder + "/objects") == before)
        #expect(await server.stop() == 0)
    }

    private static func bytes(in folder: String) -> Int {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return names.reduce(0) { total, name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)
            return attributes?[.type] as? FileAttributeType == .typeRegular ? total + (attributes?[.size] as? Int ?? 0) : total
        }
    }

    @Test func metadataNeverLeavesInARendition() async throws {
        let client = try await SharedServer.client
        let original = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("gps.jpg")))
        #expect(original.range(of: Data("Exif".utf8)) != nil, "the sample carries EXIF")
        let record = try await client.upload(sample: "gps.jpg", headers: ["Prefer": "wait=30"]).json
        let id = try #require(record["id"] as? String)
        for file in ["large.jpg", "large.webp", "large.png", "thumb.jpg"] {
            let image = try await client.get("/media/\(id)/\(file)")
            #expect(image.status == 200)
            for mark in ["Exif", "EXIF", "GPS", "eXIf", "XMP", "ICC_PROFILE"] {
                #expect(image.body.range(of: Data(mark.utf8)) == nil, "\(file) holds \(mark)")
            }
        }
    }

    @Test(arguments: 1...8)
    func orientationIsBakedIn(_ orientation: Int) async throws {
        let client = try await SharedServer.client
        let record = try await client.upload(sample: "orientation-\(orientation).jpg", headers: ["Prefer": "wait=30"]).json
        let upright = try await client.upload(sample: "orientation-1.jpg").json
        #expect(record["status"] as? String == "ready")
        #expect(record["width"] as? Int == upright["width"] as? Int)
        #expect(record["height"] as? Int == upright["height"] as? Int)
    }
}
