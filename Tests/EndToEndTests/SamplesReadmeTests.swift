import Foundation
import TestSupport
import Testing

@Suite struct SamplesReadmeTests {
    /// The lines of `samples/README.md`, run as a person would paste them; only the server's address and folders are others, and how long
    /// a line waits: a machine that does much beside takes longer.
    @Test func theCurlLinesWorkWordForWord() async throws {
        let server = try await AgrovetProcess.start(environment: ["AGROVET_WAIT_LIMIT": "120s"])
        let folder = try TemporaryFolder()
        let readme = try String(contentsOfFile: Executables.sample("README.md"), encoding: .utf8)
        let start = try #require(readme.range(of: "## Try the API"))
        let lines = readme[start.upperBound...].split(separator: "\n").filter { $0.hasPrefix("    ") }.map { line in
            // The folder first: it may lie in /tmp itself.
            let here = line.replacing("/tmp/", with: folder.path + "/").replacing("http://127.0.0.1:8080", with: server.baseURL)
                .replacing("storage/keys", with: server.dataFolder + "/keys")
                .replacing(".build/release/agrovet", with: Executables.agrovet)
            return here.replacing("wait=10\"", with: "wait=110\"").replacing("-m 2 ", with: "-m 20 ")
                .replacing("--retry 60 ", with: "--retry 170 ")
        }
        #expect(lines.count > 20)
        // Each line's output behind its number, so that what follows can be told apart.
        let numbered = lines.enumerated().map { "echo; echo \"== \($0.offset)\"\n\($0.element)" }.joined(separator: "\n")
        let script = "cd '\(Executables.packageRoot)'\n" + numbered
        try script.write(toFile: folder.path + "/lines.sh", atomically: true, encoding: .utf8)
        let result = try await ChildProcess.run(
            "bash", [folder.path + "/lines.sh"], environment: ["AGROVET_DATA": server.dataFolder], atMost: .seconds(900))
        #expect(result.errors == "")
        let outputs = result.output.components(separatedBy: "\n== ").dropFirst().map {
            $0.drop { $0 != "\n" }.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        try #require(outputs.count == lines.count)
        func output(_ part: String) throws -> String {
            outputs[try #require(lines.firstIndex { $0.contains(part) }, "a line with \(part)")]
        }
        #expect(try output("samples/photo.heic").contains(#""status":"ready""#))
        #expect(try output("purpose=ad").contains("alpha.png"))
        #expect(try output("curl -s -I -H \"Authorization").lowercased().contains("upload-offset: 100000"))
        #expect(try output("tail -c +100001").lowercased().contains("agrovet-media: /api/media/"))
        #expect(try output("-T samples/gray.jpg").contains("409"))
        #expect(try output("-F file=@samples/gray.jpg \"$ADDRESS\"").contains(#""filename":"meadow.jpg""#))
        #expect(try output("/api/media/import/").contains("Nothing can be fetched"))
        #expect(try output("search=meadow").contains(#""title":"Meadow""#))
        #expect(try output(#"{"title": "Cows"#).contains("Cows at noon"))
        #expect(try output("large.webp").contains("image/webp"))
        #expect(try output("small.auto").contains("image/webp"))
        #expect(try output("Range: bytes=0-99").contains("206"))
        #expect(try output("download=1").contains("attachment"))
        #expect(try output("If-None-Match") == "304")
        #expect(try output("$PRIVATE/small.webp") == "404")
        #expect(try output("\"$SIGNED\"") == "200")
        #expect(try output("\"$SQUARE\"").contains("image/webp"))
        #expect(try output("video-hevc.mov").contains(#""kind":"video""#))
        #expect(try output("$VIDEO/large.webp").contains("image/webp"))
        #expect(try output("web.mp4").contains("video/mp4"))
        #expect(try output("not-an-image.jpg").hasPrefix(#"{"file":["#))
        #expect(try output("bomb.png").contains("AGROVET_MAX_PIXELS"))
        #expect(try output("truncated.jpg").hasPrefix(#"{"file":["#))
        #expect(try output("/api/events/").contains("event: media.ready"))
        #expect(try output("https://127.0.0.1/hooks").contains("webhook-allow"))
        #expect(outputs.contains(#"{"count":0,"next":null,"previous":null,"results":[]}"#), "no webhook endpoints")
        #expect(try output("-X DELETE") == "204")
        #expect(await server.stop() == 0)
    }
}
