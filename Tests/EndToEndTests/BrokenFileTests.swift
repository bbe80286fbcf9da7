import Foundation
import TestSupport
import Testing

/// Whoever reads Spanish is told in Spanish what is wrong with a file, whichever library found it.
@Suite struct BrokenFileTests {
    struct Broken: Sendable, CustomTestStringConvertible {
        let name: String
        /// A part of what is said.
        let words: String
        var testDescription: String { name }

        func bytes() throws -> Data {
            var png = PNGBuilder(width: 40, height: 30) { x, y in [x * 6, y * 8, 90] }
            switch name {
            case "no-palette.png":
                png.colorType = 3
                png.pixel = { x, _ in [x] }
            case "unknown-chunk.png": png.chunks = [("ABCD", [1, 2, 3])]
            case "filter.png": png.filter = 7
            case "adler.png": png.checksumError = 1
            case "few-rows.png": png.missingRows = 9
            case "crc.png":
                var bytes = png.bytes()
                bytes[30] ^= 1
                return Data(bytes)
            case "no-tables.jpg":
                // Each table that is to be decoded with becomes a comment.
                var bytes = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("gray.jpg")))
                while let table = bytes.range(of: Data([0xFF, 0xDB])) { bytes.replaceSubrange(table, with: [0xFF, 0xFE]) }
                return bytes
            case "frame.gif": return Data(Array("GIF89a".utf8) + [8, 0, 8, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x99, 0x3B])
            default: Issue.record("no such file: \(name)")
            }
            return Data(png.bytes())
        }
    }

    static let files = [
        Broken(name: "no-palette.png", words: "su paleta falta o está rota"),
        Broken(name: "unknown-chunk.png", words: "una parte desconocida"),
        Broken(name: "crc.png", words: "la suma de control"),
        Broken(name: "filter.png", words: "sus píxeles comprimidos"),
        Broken(name: "adler.png", words: "la suma de control"),
        Broken(name: "few-rows.png", words: "menos píxeles"),
        Broken(name: "no-tables.jpg", words: "sus tablas"),
        Broken(name: "frame.gif", words: "un bloque desconocido"),
    ]

    /// Refused at once, or found while its pixels were read: the record says it then, in both languages.
    @Test(arguments: files) func whatIsWrongIsToldInSpanish(_ file: Broken) async throws {
        let client = try await SharedServer.client
        let spanish = ["Accept-Language": "es-CO,es"]
        let answer = try await client.upload([(file.name, try file.bytes())], headers: spanish)
        let message: String
        if answer.status == 400 {
            message = (answer.json["file"] as? [String])?.first ?? ""
        } else {
            let address = "/api/media/\(try #require(answer.json["id"] as? String))/"
            let failed = try await client.poll(address) { $0.json["status"] as? String != "processing" }
            #expect(failed.json["status"] as? String == "failed", "\(failed.text)")
            let english = (failed.json["error"] as? [String: String])?["message"] ?? ""
            #expect(english.hasPrefix("The ") && english.hasSuffix("."), "\(english)")
            let told = try await client.get(address, headers: spanish)
            message = (told.json["error"] as? [String: String])?["message"] ?? ""
            let listed = try await client.get("/api/media/?status=failed&page_size=100", headers: spanish)
            #expect(listed.text.contains(message) && !listed.text.contains("\"message\":\"The "), "\(listed.text)")
        }
        #expect(message.contains(file.words), "\(message)")
        let english: Set<String> = [
            "the", "is", "are", "and", "or", "of", "its", "it", "than", "with", "missing", "bad", "incorrect", "not",
        ]
        #expect(english.isDisjoint(with: message.lowercased().split { !$0.isLetter }.map(String.init)), "\(message)")
        for words in ["IDAT", "PLTE", "ABCD", "libpng", "Huffman"] { #expect(!message.contains(words), "\(message)") }
    }

    @Test func theListOfWhatIsReadIsSpanishToItsEnd() async throws {
        let answer = try await SharedServer.client.upload([("notes.txt", Data("no".utf8))], headers: ["Accept-Language": "es"])
        #expect(answer.text.contains("AVI y MPEG-TS."), "\(answer.text)")
    }
}
