import Foundation
import MediaService
import NIOCore
import WebAPI

extension FuzzTarget {
    static let uploads = [tus, importURLs, clamd]

    /// Header fields of tus 1.0; what was read is written and read again as the same.
    private static let tus = FuzzTarget(
        name: "tus",
        seeds: texts(
            "filename Li4vdmFjYS5qcGc=,title VW5hIHZhY2E=, alt ,visibility cHJpdmF0ZQ==", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "md5 XrY7u+Ae7tCTyyK7j1rNww==", "9223372036854775807", "partial",
            "final;/api/media/uploads/0198f000-0000-7000-8000-000000000000/ http://a/0198f000-0000-7000-8000-000000000001"),
        words: [
            ",", " ", "filename ", "title ", "visibility ", "=", "AAAA", "/w==", "sha1 ", "sha256 ", "md5 ", "final;", "partial", "/", "+1",
            "-0",
            "99999999999999999999", "0198f000-0000-7000-8000-000000000000", "..",
        ]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        var outcome = ""
        do {
            let metadata = try TusMetadata(text)
            guard !metadata.filename.contains("/") else { throw Contradiction("a name with a path: \(metadata.filename)") }
            let written = metadata.values.map { "\($0.key) \(Data($0.value.utf8).base64EncodedString())" }.joined(separator: ",")
            guard try TusMetadata(written) == metadata else { throw Contradiction("\(metadata) is read back otherwise") }
            outcome += "m\(metadata.values.count)"
            _ = try metadata.fields()
        } catch let error as APIError { outcome += error.code }
        do {
            var checksum = try TusChecksum(text)
            checksum.update(ByteBuffer(bytes: input))
            // Nobody finds such an input.
            guard !checksum.isRight else { throw Contradiction("\(text) is its own checksum") }
            outcome += "c"
        } catch let error as APIError { outcome += error.code }
        do {
            let number = try TusHeaders.number(text, of: "Upload-Length")
            guard number >= 0, Int(text) == number else { throw Contradiction("\(text) is \(number)") }
            outcome += "n"
        } catch let error as APIError { outcome += error.code }
        do {
            let part = try ResumableUpload.Part(text)
            if case .final(let pieces) = part {
                let again = try ResumableUpload.Part("final;" + pieces.map { "/\($0)/" }.joined(separator: " "))
                guard again == part, !pieces.isEmpty else { throw Contradiction("\(part) is read back as \(again)") }
            }
            outcome += "\(part)".prefix(5)
        } catch let error as APIError { outcome += error.code }
        return kind(outcome)
    }

    /// What is connected to is what was checked: a URL that is taken is the same when it is read again, and has no way around.
    private static let importURLs = FuzzTarget(
        name: "import-urls",
        seeds: texts(
            "https://example.org/a%20b/vaca.jpg?x=1#part", "http://[::ffff:127.0.0.1]/", "http://user:password@example.org:8080/",
            "http://example.org\\@127.0.0.1/", "//example.org/x", "../../etc/passwd", "http://xn--mnchen-3ya.de/", "http://2130706433/"),
        words: [
            "http://", "https://", "//", "@", ":", "[", "]", "\\", "%00", "%2f", "..", "?", "#", ":80", ":443", "127.0.0.1", "0x7f.1",
            "[::1]",
            "%25eth0", "\t", "\n", "．",
        ]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        let ports: Set = [80, 443]
        func check(_ url: ImportURL) throws {
            let again: ImportURL
            do { again = try ImportURL(url.description, ports: ports) } catch {
                throw Contradiction("\(url.description) is not taken: \(error)")
            }
            guard again == url, ports.contains(url.port) else { throw Contradiction("\(url.description) is read as \(again.description)") }
            let forbidden: [Character] = ["@", "/", "\\", " ", "?", "#", "%", "\n", "\r", "\t"]
            guard !url.host.isEmpty, !url.host.contains(where: forbidden.contains) else { throw Contradiction("the host is \(url.host)") }
            guard !url.authority.contains(where: \.isNewline) else { throw Contradiction("the authority is \(url.authority)") }
            _ = url.filename
        }
        var outcome = ""
        do throws(ImportURL.Failure) {
            let url = try ImportURL(text, ports: ports)
            outcome += "\(url.isTLS) \(url.host.contains(":"))"
            if let fault = faultOf({ try check(url) }) { outcome += fault }
        } catch { outcome += "\(error)" }
        do throws(ImportURL.Failure) {
            let url = try ImportURL("https://example.org/a/b?c", ports: ports).redirected(to: text, ports: ports)
            outcome += " to \(url.isTLS) \(url.host == "example.org")"
            if let fault = faultOf({ try check(url) }) { outcome += fault }
        } catch { outcome += " to \(error)" }
        if outcome.contains(contradiction) { throw Contradiction(outcome) }
        return kind(outcome)
    }

    private static let contradiction = "contradiction: "

    private static func faultOf(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return contradiction + "\(error)" }
    }

    /// Only one answer says that a file is clean.
    private static let clamd = FuzzTarget(
        name: "clamd",
        seeds: texts(
            "stream: OK", "stream: Win.Test.EICAR_HDB-1 FOUND", "INSTREAM size limit exceeded. ERROR", "tcp:[::1]:3310",
            "unix:/run/clamav/clamd.ctl", "stream:  FOUND"),
        words: ["stream: ", " FOUND", "OK", " ERROR", "size limit exceeded", "\0", "\n", "tcp:", "unix:/", ":", "[", "]"]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        var outcome = ""
        do throws(Clamd.Failure) {
            switch try Clamd.verdict(text) {
            case .clean:
                guard text == "stream: OK" else { throw .unexpected(contradiction + text) }
                outcome += "clean"
            case .infected: outcome += "infected"
            case .tooLarge: outcome += "large"
            }
        } catch { outcome += "\(error)".contains(contradiction) ? "\(error)" : "unexpected" }
        if outcome.contains(contradiction) { throw Contradiction(outcome) }
        if let address = ClamdAddress(text) {
            guard ClamdAddress(address.description) == address else { throw Contradiction("\(address) is read otherwise") }
            outcome += text.prefix(3)
        }
        return kind(outcome)
    }
}
