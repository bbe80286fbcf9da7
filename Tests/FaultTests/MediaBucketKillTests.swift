import Foundation
import TestSupport
import Testing

/// Objects of a media bucket under `kill -9`: what was acknowledged becomes media, once, and what was deleted is no media any more.
@Suite(.serialized) struct MediaBucketKillTests {
    @Test func nothingIsLostBetweenTheObjectAndItsItem() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        var photos: [String: Data] = [:]
        for round in 0..<4 {
            let server = try await AgrovetProcess.start(dataFolder: data)
            let s3 = S3TestClient(server)
            if round == 0 {
                #expect(try await s3.put("herd", Data()).status == 200)
                let marked = try await ChildProcess.run(Executables.agrovet, ["s3", "media-bucket", "herd", "--data", data])
                #expect(marked.status == 0, "\(marked.errors)")
            }
            // Packed ones and files; new keys and, from the second round on, one that is overwritten.
            for number in 0..<3 {
                let key = number == 0 ? "again.jpg" : "\(round)-\(number).jpg"
                let photo = try TestPhoto.jpeg(size: number == 1 ? 900_000 : 2_500_000, seed: UInt64(10 * round + number))
                #expect(try await s3.put("herd/\(key)", photo).status == 200)
                photos[key] = photo
            }
            if round == 2 {
                for key in ["0-1.jpg", "1-2.jpg"] {
                    #expect(try await s3.request(.DELETE, "herd/\(key)").status == 204)
                    photos[key] = nil
                }
            }
            // Acknowledged this moment: some of it stands in an outbox, some in the log, some in a queue, some is being taken in.
            await server.kill()
        }
        let server = try await AgrovetProcess.start(dataFolder: data)
        let client = HTTPTestClient(server)
        func titles(_ answer: HTTPTestClient.Answer) -> [String] {
            (answer.json["results"] as? [[String: Any]] ?? []).compactMap { $0["title"] as? String }.sorted()
        }
        // What is told of a key that was overwritten comes one after the other.
        var isRight = false
        let deadline = ContinuousClock.now + .seconds(300)
        var answer = try await client.get("/api/media/?page_size=50&status=ready")
        while !isRight, ContinuousClock.now < deadline {
            answer = try await client.get("/api/media/?page_size=50&status=ready")
            isRight = titles(answer) == photos.keys.sorted()
            for item in answer.json["results"] as? [[String: Any]] ?? [] where isRight {
                let id = item["id"] as? String ?? ""
                isRight = try await client.get("/media/\(id)/original").body == photos[item["title"] as? String ?? ""]
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(isRight, "\(titles(answer)) of \(photos.keys.sorted())")
        let all = try await client.get("/api/media/?page_size=50")
        #expect(titles(all) == photos.keys.sorted(), "none twice, none besides")
        for (key, photo) in photos { #expect(try await S3TestClient(server).get("herd/\(key)").body == photo) }
        #expect(await server.stop() == 0)
    }
}
