import NIOCore
import Testing
import WebAPI

@Suite struct MultipartParserTests {
    private struct Part: Equatable {
        var name: String
        var filename: String?
        var contentType: String?
        var body: String
    }

    /// Feeds a body in pieces and puts the events together.
    private func parse(_ pieces: [String], boundary: String = "XX", limits: MultipartLimits = MultipartLimits()) throws -> [Part] {
        var parser = try MultipartParser(contentType: "multipart/form-data; boundary=\(boundary)", limits: limits)
        var parts: [Part] = []
        for piece in pieces {
            for event in try parser.push(ByteBuffer(string: piece)) {
                switch event {
                case .begin(let header):
                    parts.append(Part(name: header.name, filename: header.filename, contentType: header.contentType, body: ""))
                case .data(let bytes): parts[parts.count - 1].body += String(buffer: bytes)
                case .end: break
                }
            }
        }
        try parser.finish()
        return parts
    }

    private static let form =
        "--XX\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nVaca\r\n"
        + "--XX\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n"
        + "--XX\r\ncontent-type: image/jpeg\r\nCONTENT-DISPOSITION: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n"
        + "line\r\n--X\r\n--XY\r\n\r\n--XX-is not the boundary's line\r\n--XX--\r\n"

    @Test func aBodyIsTheSameHoweverItIsCut() throws {
        // The line "--XX-is…" is a boundary to RFC 2046 only where it ends the line; here it is malformed and refused.
        let form = Self.form.replacing("--XX-is not the boundary's line", with: "- -XX")
        let whole = try parse([form])
        #expect(
            whole == [
                Part(name: "title", filename: nil, contentType: nil, body: "Vaca"),
                Part(name: "empty", filename: nil, contentType: nil, body: ""),
                Part(name: "file", filename: "a.jpg", contentType: "image/jpeg", body: "line\r\n--X\r\n--XY\r\n\r\n- -XX"),
            ])
        let bytes = Array(form)
        for cut in 1..<bytes.count {
            #expect(try parse([String(bytes[..<cut]), String(bytes[cut...])]) == whole, "cut at \(cut)")
        }
        #expect(try parse(bytes.map(String.init)) == whole, "byte by byte")
    }

    @Test func textBehindABoundaryIsRefused() {
        #expect(throws: MultipartParser.Failure.malformed("text behind a boundary")) { try parse([Self.form]) }
    }

    @Test func preambleEpilogueAndPaddingAreIgnored() throws {
        let parts = try parse(["preamble\r\n--XX \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XX--\r\nepilogue --XX\r\n"])
        #expect(parts == [Part(name: "a", filename: nil, contentType: nil, body: "1")])
        #expect(try parse(["--XX--"]).isEmpty)
    }

    @Test(arguments: [
        (#"filename="vaca \"Lola\".jpg""#, "vaca \"Lola\".jpg"),
        (#"filename="C:\fotos\vaca.jpg""#, #"C:\fotos\vaca.jpg"#),
        (#"filename="ñandú 🐄.jpg""#, "ñandú 🐄.jpg"),
        (#"filename*=UTF-8''%C3%B1and%C3%BA.jpg"#, "ñandú.jpg"),
        (#"filename=plain.jpg"#, "plain.jpg"),
        (#"filename="a;b=c.jpg""#, "a;b=c.jpg"),
        (#"filename="""#, ""),
        // To Swift's characters a mark joins the quote beside it.
        ("filename=\"\u{301}vaca.jpg\"", "\u{301}vaca.jpg"),
        ("filename=\"vaca\u{600}\"; size=1", "vaca\u{600}"),
    ])
    func namesAreReadAsBrowsersSendThem(_ parameter: String, _ name: String) throws {
        let parts = try parse(["--XX\r\nContent-Disposition: form-data; name=\"file\"; \(parameter)\r\n\r\nx\r\n--XX--\r\n"])
        #expect(parts.first?.filename == name)
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\(String(repeating: "x", count: 71))",
    ])
    func aBoundaryIsNeeded(_ type: String) {
        #expect(throws: MultipartParser.Failure.missingBoundary) { try MultipartParser(contentType: type, limits: MultipartLimits()) }
    }

    @Test(arguments: [
        "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nnever ends",
        "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--XX",
        "", "no boundary at all", "--XX\nContent-Disposition: form-data; name=a\n\nLF only\n--XX--\n",
    ])
    func aBodyWithoutItsEndIsRefused(_ body: String) {
        #expect(throws: MultipartParser.Failure.self) { try parse([body]) }
    }

    @Test(arguments: ["no colon", "Content-Disposition: attachment; name=a", "Content-Disposition: form-data", "X: y"])
    func aPartNeedsAName(_ header: String) {
        #expect(throws: MultipartParser.Failure.self) { try parse(["--XX\r\n\(header)\r\n\r\nx\r\n--XX--\r\n"]) }
    }

    @Test func everythingHasALimit() {
        let part = "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n"
        #expect(throws: MultipartParser.Failure.tooManyParts(limit: 10)) {
            try parse([String(repeating: part, count: 11)], limits: MultipartLimits(parts: 10))
        }
        let header = "--XX\r\nX: " + String(repeating: "y", count: 20_000)
        #expect(throws: MultipartParser.Failure.headerTooLarge(limit: 16 * 1024)) { try parse([header]) }
        #expect(throws: MultipartParser.Failure.self) { try parse(["--XX" + String(repeating: " ", count: 1000)]) }
    }

    @Test func aBodyFullOfBeginningsOfItsBoundaryIsRead() throws {
        let body = String(repeating: "\r\n--X\r\r\n-\r", count: 5000)
        let form = "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n\(body)\r\n--XX--\r\n"
        let pieces = stride(from: 0, to: form.utf8.count, by: 997).map { start in
            String(decoding: Array(form.utf8)[start..<min(start + 997, form.utf8.count)], as: UTF8.self)
        }
        #expect(try parse(pieces).map(\.body) == [body])
    }

    @Test func aLargeFileIsHandedOnAsItComes() throws {
        var parser = try MultipartParser(contentType: "multipart/form-data; boundary=XX", limits: MultipartLimits())
        _ = try parser.push(ByteBuffer(string: "--XX\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n"))
        var total = 0
        let chunk = ByteBuffer(repeating: 0x0D, count: 65_536)
        for _ in 0..<64 {
            for case .data(let bytes) in try parser.push(chunk) { total += bytes.readableBytes }
        }
        #expect(total > 64 * 65_536 - 16, "no more than a boundary's length is held back")
    }
}
