import Foundation
import TestSupport
import Testing

@Suite struct AnimationTests {
    @Test(arguments: [("disposal.gif", 8, 7.5), ("animated.gif", 6, 1.2), ("animated.webp", 6, 1.2), ("sprite.gif", 5, 0.5)])
    func anAnimationStaysOneInEverySize(_ sample: String, _ frames: Int, _ seconds: Double) async throws {
        let record = try await SharedServer.client.upload(sample: sample, headers: ["Prefer": "wait=30"]).json
        #expect(record["kind"] as? String == "image" && record["status"] as? String == "ready")
        #expect(record["animated"] as? Bool == true && record["frames"] as? Int == frames)
        #expect(abs(try #require(record["duration"] as? Double) - seconds) < 0.001)
        let id = try #require(record["id"] as? String)
        let renditions = try #require(record["renditions"] as? [[String: Any]])
        #expect(renditions.count == 8)
        let client = try await SharedServer.client.anonymous
        for rendition in renditions {
            let name = try #require(rendition["name"] as? String)
            let isWebP = rendition["format"] as? String == "webp"
            #expect(rendition["animated"] as? Bool == isWebP)
            let answer = try await client.get(try #require(rendition["url"] as? String))
            #expect(answer.status == 200 && rendition["size"] as? Int == answer.body.count)
            guard isWebP else { continue }
            let chunks = WebPChunks(answer.body)
            #expect(chunks.frames > 1 && chunks.frames <= frames, "\(name)")
            #expect(chunks.milliseconds == Int(seconds * 1000), "\(name)")
        }
        // A client that takes no WebP gets a still.
        let still = try await client.get("/media/\(id)/thumb.auto", headers: ["Accept": "image/png,image/jpeg"])
        #expect(["image/png", "image/jpeg"].contains(still["Content-Type"]))
        // The list tells the same.
        let listed = try await SharedServer.client.get("/api/media/\(id)/").json
        #expect(listed["frames"] as? Int == frames && listed["animated"] as? Bool == true)
    }

    @Test func aStillHasNoFrames() async throws {
        let record = try await SharedServer.client.upload(sample: "422.jpg", headers: ["Prefer": "wait=30"]).json
        #expect(record["animated"] as? Bool == false && record["frames"] is NSNull && record["duration"] is NSNull)
        let renditions = try #require(record["renditions"] as? [[String: Any]])
        #expect(renditions.allSatisfy { $0["animated"] as? Bool == false })
    }

    /// Chromium is the reference: it decodes the original and the rendition, and both look the same at every time.
    @Test(arguments: ["disposal.gif", "sprite.gif", "animated.gif", "composition.webp"])
    func aBrowserSeesTheSameInBoth(_ sample: String) async throws {
        try await ConsolePage.visit { page in
            let record = try await page.client.upload(sample: sample, headers: ["Prefer": "wait=30"]).json
            let id = try #require(record["id"] as? String)
            let differences: [Double] = try await page.browser.script(
                """
                const frames = async (path) => {
                  const answer = await fetch(path);
                  const decoder = new ImageDecoder({ data: await answer.arrayBuffer(), type: answer.headers.get("content-type") });
                  await Promise.all([decoder.tracks.ready, decoder.completed]);
                  const track = decoder.tracks.selectedTrack;
                  const frames = [];
                  let clock = 0;
                  for (let frameIndex = 0; frameIndex < track.frameCount; frameIndex += 1) {
                    const { image } = await decoder.decode({ frameIndex });
                    const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
                    const context = canvas.getContext("2d");
                    context.drawImage(image, 0, 0);
                    frames.push({ start: clock, pixels: context.getImageData(0, 0, canvas.width, canvas.height).data });
                    // The decoder tells what is stored; what is shown is another matter.
                    const milliseconds = image.duration / 1000;
                    clock += milliseconds <= 10 ? 100 : milliseconds;
                  }
                  return { frames, end: clock, repeats: track.repetitionCount };
                };
                const [original, rendition] = [await frames("/media/\(id)/original"), await frames("/media/\(id)/large.webp")];
                const at = ({ frames }, time) => frames.filter(({ start }) => start <= time).at(-1).pixels;
                const result = [original.end - rendition.end, original.repeats === rendition.repeats ? 0 : 1];
                for (const { start } of original.frames) {
                  const [a, b] = [at(original, start + 1), at(rendition, start + 1)];
                  let sum = 0;
                  // Colours count by their coverage.
                  for (let i = 0; i < a.length; i += 1) sum += i % 4 === 3 ? Math.abs(a[i] - b[i]) : Math.abs(a[i] * a[i | 3] - b[i] * b[i | 3]) / 255;
                  result.push(a.length === b.length ? sum / a.length : 255);
                }
                return result;
                """)
            #expect(differences.count > 5)
            #expect(differences[0] == 0 && differences[1] == 0)
            // Flat art is written without loss.
            let isExact = ["disposal.gif", "sprite.gif"].contains(sample)
            for difference in differences.dropFirst(2) { #expect(difference < (isExact ? 0.01 : 5)) }
        }
    }

    @Test func bombsAndFragmentsAreStillsOrRefused() async throws {
        let client = try await SharedServer.client
        let sprite = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("sprite.gif")))
        // A screen of 65,535 × 65,535 pixels.
        var huge = sprite
        for index in 6..<10 { huge[index] = 0xFF }
        let refused = try await client.upload([("huge.gif", huge)])
        #expect(refused.status == 400 && refused["X-Error-Code"] == "too_many_pixels")
        // Cut in the third frame.
        let cut = try await client.upload([("cut.gif", sprite.prefix(sprite.count / 2))])
        #expect(cut.status == 400 && cut["X-Error-Code"] == "truncated")
        // Thousands of frames: the first stands for them.
        let extensions = sprite.indices.dropLast(3).filter { sprite[$0..<$0 + 3].elementsEqual([0x21, 0xF9, 4]) }
        let frame = sprite[extensions[1]..<extensions[2]]
        let many = sprite[..<extensions[1]] + Data((0..<7000).flatMap { _ in frame }) + [0x3B]
        let answer = try await client.upload([("many.gif", Data(many))], headers: ["Prefer": "wait=30"])
        #expect(answer.json["status"] as? String == "ready" && answer.json["frames"] as? Int == 7001)
        let renditions = try #require(answer.json["renditions"] as? [[String: Any]])
        #expect(renditions.allSatisfy { $0["animated"] as? Bool == false })
        let thumb = try await client.get("/media/\(try #require(answer.json["id"] as? String))/thumb.webp")
        #expect(WebPChunks(thumb.body).frames == 0)
    }

    @Test func aVideosPreviewIsOneMoreRendition() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_VIDEO_PREVIEW": "true"])
        let client = HTTPTestClient(server)
        let record = try await client.upload(sample: "video.mp4", headers: ["Prefer": "wait=30"]).json
        let renditions = try #require(record["renditions"] as? [[String: Any]])
        let preview = try #require(renditions.first { $0["name"] as? String == "preview" })
        #expect(preview["animated"] as? Bool == true && preview["format"] as? String == "webp" && preview["width"] as? Int == 320)
        #expect(record["animated"] as? Bool == false)
        let answer = try await client.get(try #require(preview["url"] as? String))
        #expect(answer.status == 200 && answer["Content-Type"] == "image/webp" && answer.body.count == preview["size"] as? Int)
        // Where a client takes no WebP, and of a photo.
        let id = try #require(record["id"] as? String)
        #expect(try await client.get("/media/\(id)/preview.jpg")["Content-Type"] == "image/jpeg")
        let photo = try #require(try await client.upload(sample: "422.jpg").json["id"] as? String)
        #expect(try await client.get("/media/\(photo)/preview.webp").status == 404)
        #expect(await server.stop() == 0)
    }

    @Test func withoutTheSettingThereIsNoPreview() async throws {
        let record = try await SharedServer.client.upload(sample: "video.mp4", headers: ["Prefer": "wait=30"]).json
        let id = try #require(record["id"] as? String)
        #expect(try await SharedServer.client.get("/media/\(id)/preview.webp").status == 404)
    }
}

/// The frames of a WebP file, by its chunks (RFC 9649 section 2.7.1); none of a still.
private struct WebPChunks {
    private(set) var frames = 0
    private(set) var milliseconds = 0

    init(_ file: Data) {
        let bytes = Array(file)
        var offset = 12
        while offset + 8 <= bytes.count {
            let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + 4 + $1]) << (8 * $1) }
            if bytes[offset..<offset + 4].elementsEqual("ANMF".utf8) {
                frames += 1
                milliseconds += (0..<3).reduce(0) { $0 | Int(bytes[offset + 20 + $1]) << (8 * $1) }
            }
            offset += 8 + length + length % 2
        }
    }
}
