import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import WebAPI

extension FuzzTarget {
    static let http = [multipart, headers, dates, queries]

    /// The same body in one piece and in pieces means the same.
    private static let multipart = FuzzTarget(
        name: "multipart",
        seeds: texts(
            "\u{5}--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nVaca\r\n--b\r\n"
                + "Content-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nbytes\r\n--b--\r\n",
            "\u{1}preamble\r\n--b \t\r\ncontent-disposition: form-data; name=x; filename*=UTF-8''%C3%B1\r\n\r\n\r\n--b--"),
        words: [
            "\r\n--b", "--b--", "\r\n\r\n", "\r\n", "\r", "Content-Disposition: form-data; name=\"", "filename*=UTF-8''%", "; name=",
            "\\\"",
        ]
    ) { input in
        guard let first = input.first else { return 0 }
        let body = Array(input.dropFirst())
        let whole = parse(body, by: body.count)
        let pieces = parse(body, by: Int(first % 16) + 1)
        guard whole == pieces else { throw Contradiction("in one piece \(whole), in pieces \(pieces)") }
        return kind(whole.replacing(/[0-9]+/, with: ""))
    }

    private static func parse(_ body: [UInt8], by size: Int) -> String {
        var result = ""
        var data: [UInt8] = []
        do {
            var parser = try MultipartParser(
                contentType: "multipart/form-data; boundary=b", limits: MultipartLimits(parts: 20, headerBytes: 1 << 20, fieldBytes: 1024))
            for start in stride(from: 0, to: body.count, by: max(1, size)) {
                for event in try parser.push(ByteBuffer(bytes: body[start..<min(body.count, start + max(1, size))])) {
                    switch event {
                    case .begin(let header): result += "begin \(header.name) \(header.filename ?? "-") \(header.contentType ?? "-");"
                    case .data(let buffer): data += buffer.readableBytesView
                    case .end:
                        result += "end \(data);"
                        data = []
                    }
                }
            }
            try parser.finish()
            return result + "finished"
        } catch MultipartParser.Failure.malformed {
            // Which of two faults is met first may depend on the pieces.
            return "malformed"
        } catch { return result + "\(error)" }
    }

    /// Lines of headers: each is read as every header there is.
    private static let headers = FuzzTarget(
        name: "headers",
        seeds: texts(
            "bytes=0-99", "bytes=-5", "bytes=5-", "\"abc\", W/\"d\"", "*", "Sun, 06 Nov 1994 08:49:37 GMT", "wait=10; respond-async",
            "image/avif,image/webp;q=0.8,*/*;q=0.1", "attachment; filename=\"a\\\"b.jpg\"; filename*=UTF-8''%e2%82%ac", "Bearer abc.def",
            "multipart/form-data; boundary=\"x y\""),
        words: ["bytes=", "-", ",", ";q=", "image/*", "*/*", "GMT", "Nov", "wait=", "filename*=", "''", "%", "\"", "W/\"", "Bearer "]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        var outcome = ""
        for size in [0, 1, 100, Int.max] {
            let range = ByteRange(header: text, size: size)
            if case .partial(let part) = range, part.isEmpty || part.lowerBound < 0 || part.upperBound > size {
                throw Contradiction("\(range) of \(size) bytes")
            }
            outcome += "\(range)".prefix(4)
        }
        let parameters = HeaderParameters(text)
        outcome += "\(parameters.parameters.count)"
        let chosen = ContentNegotiation.choose(
            accept: text, offers: [("image/avif", true), ("image/webp", true), ("image/jpeg", false), ("image/png", false)])
        outcome += chosen ?? "-"
        if let date = HTTPDate.parse(text), HTTPDate.parse(HTTPDate.format(date)) != date {
            throw Contradiction("\(date) is read otherwise")
        }
        let fields = HTTPFields(
            [HTTPField.Name.range, .ifRange, .ifNoneMatch, .ifModifiedSince, .cookie, .authorization, HTTPField.Name("Prefer")!]
                .map { HTTPField(name: $0, value: text) })
        let request = Request(
            head: HTTPRequest(method: .get, scheme: "http", authority: "x", path: "/", headerFields: fields),
            body: RequestBody(buffer: ByteBuffer()))
        let validators = Validators(etag: "\"abc\"", lastModified: Date(timeIntervalSince1970: 1_000_000))
        outcome +=
            "\(validators.isNotModified(request))\(validators.applicableRange(request) == nil)\(Prefer.wait(request, limit: 30) ?? -1)"
        if let decoded = text.removingURLPercentEncoding(), decoded.urlPercentEncoded.removingURLPercentEncoding() != decoded {
            throw Contradiction("percent-encoding is not undone")
        }
        return kind(outcome)
    }

    private static let dates = FuzzTarget(
        name: "dates",
        seeds: texts(
            "2026-11-24", "2026-11-24T08:15:30.250Z", "2026-11-24T08:15:30Z", "2026-11-24T08:15:30+01:00", "-0001-01-01T00:00:00Z"),
        words: ["T", "Z", "-", ":", ".", "+14:00", "9999", "99999999999", "1e18"]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        guard let time = Timestamp.milliseconds(text) else { return 0 }
        let written = Timestamp.text(milliseconds: time)
        return kind("\(written.count) \(text.contains("T")) \(text.contains("."))")
    }

    /// Query strings of lists, and the parts of a signed address.
    private static let queries = FuzzTarget(
        name: "queries",
        seeds: texts(
            "page=2&page_size=50&ordering=-created", "search=vaca+lechera%20%C3%B1&kind=video&status=ready", "created_after=2026-11-24",
            "expires=1800000000&signature=AAAA", "page=0&visibility=private", "ordering=title,-created,title"),
        words: [
            "&", "=", "page=", "page_size=", "ordering=", "created_before=", "search=", "%", "%00", "%ff", "+", ",-created", "status=",
            "expires=",
        ]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        let request = Request(
            head: HTTPRequest(method: .get, scheme: "http", authority: "x", path: "/api/media/?" + text),
            body: RequestBody(buffer: ByteBuffer()))
        var outcome = ""
        do {
            let page = try PageRequest(request)
            if page.offset < 0 || !(1...100).contains(page.pageSize) { throw Contradiction("\(page)") }
            outcome += "\(page.page > 1)"
            _ = try page.body([], count: page.offset + 1, request: request, base: "http://x")
        } catch let error as APIError { outcome += error.code }
        do {
            let clause = try Ordering(request, columns: ["created": "created", "title": "title"], fallback: "-created", tieBreaker: "id")
                .clause
            let allowed: Set<Substring> = ["created", "title", "id", "DESC"]
            guard clause.split(whereSeparator: { $0 == " " || $0 == "," }).allSatisfy(allowed.contains) else {
                throw Contradiction("ORDER BY \(clause)")
            }
            outcome += clause
        } catch let error as APIError { outcome += error.code }
        outcome += filter(request)
        if URLSigner(secret: "0123456789abcdef").isSigned(request, now: Date(timeIntervalSince1970: 0)) {
            throw Contradiction("it is signed")
        }
        return kind(outcome)
    }
}
