import Foundation
import HTTPTypes
import Hummingbird
import Testing
import WebAPI

private func request(_ path: String = "/", _ headers: HTTPFields = [:]) -> Request {
    Request(
        head: HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: path, headerFields: headers),
        body: RequestBody(buffer: ByteBuffer()))
}

@Suite struct HTTPSemanticsTests {
    @Test(
        arguments: [
            (nil, ByteRange.whole), ("bytes=0-0", .partial(0..<1)), ("bytes=0-", .partial(0..<100)), ("bytes=90-200", .partial(90..<100)),
            ("bytes=-10", .partial(90..<100)), ("bytes=-200", .partial(0..<100)), ("bytes=99-99", .partial(99..<100)),
            ("bytes=100-", .unsatisfiable),
            ("bytes=-0", .unsatisfiable), ("bytes=5-2", .whole), ("bytes=a-b", .whole), ("bytes=-", .whole), ("items=0-1", .whole),
            ("bytes=0-1,5-6", .whole), ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=0-99999999999999999999", .partial(0..<100)),
            ("bytes= 0-1", .whole), ("bytes=+0-1", .whole),
        ] as [(String?, ByteRange)])
    func rangesAreReadByRFC9110(_ header: String?, _ expected: ByteRange) {
        #expect(ByteRange(header: header, size: 100) == expected)
    }

    @Test func anEmptyBodyHasNoRange() {
        #expect(ByteRange(header: "bytes=0-", size: 0) == .unsatisfiable)
        #expect(ByteRange(header: nil, size: 0) == .whole)
    }

    private let validators = Validators(etag: "\"abc\"", lastModified: Date(timeIntervalSince1970: 1_000_000_000.9))

    @Test(
        arguments: [
            ([.ifNoneMatch: "\"abc\""], true), ([.ifNoneMatch: "W/\"abc\""], true), ([.ifNoneMatch: "\"x\", \"abc\""], true),
            ([.ifNoneMatch: "*"], true),
            ([.ifNoneMatch: "\"x\""], false), ([.ifModifiedSince: "Sun, 09 Sep 2001 01:46:40 GMT"], true),
            ([.ifModifiedSince: "Sun, 09 Sep 2001 01:46:39 GMT"], false), ([.ifModifiedSince: "nonsense"], false),
            ([.ifNoneMatch: "\"x\"", .ifModifiedSince: "Sun, 09 Sep 2001 01:46:40 GMT"], false), ([:], false),
        ] as [(HTTPFields, Bool)])
    func aCurrentCopyIsNotSentAgain(_ headers: HTTPFields, _ expected: Bool) {
        #expect(validators.isNotModified(request("/", headers)) == expected)
    }

    @Test func aRangeOfAnotherRepresentationIsNotServed() {
        let range: HTTPFields = [.range: "bytes=0-1"]
        #expect(validators.applicableRange(request("/", range)) == "bytes=0-1")
        #expect(validators.applicableRange(request("/", range.merging(.ifRange, "\"abc\""))) == "bytes=0-1")
        #expect(validators.applicableRange(request("/", range.merging(.ifRange, "\"old\""))) == nil)
        #expect(validators.applicableRange(request("/", range.merging(.ifRange, "W/\"abc\""))) == nil)
        #expect(validators.applicableRange(request("/", range.merging(.ifRange, "Sun, 09 Sep 2001 01:46:40 GMT"))) == "bytes=0-1")
    }

    @Test func datesAreIMFFixdates() {
        #expect(HTTPDate.format(Date(timeIntervalSince1970: 784_111_777)) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT") == Date(timeIntervalSince1970: 784_111_777))
        for text in [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 99:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
        ] {
            #expect(HTTPDate.parse(text) == nil)
        }
        for seconds in stride(from: 0.0, to: 4e9, by: 7_654_321) {
            let date = Date(timeIntervalSince1970: seconds)
            #expect(HTTPDate.parse(HTTPDate.format(date)) == date)
        }
    }

    @Test func timesAreISO8601InUTC() {
        #expect(Timestamp.text(milliseconds: 1_795_508_130_250) == "2026-11-24T08:15:30.250Z")
        #expect(Timestamp.milliseconds("2026-11-24T08:15:30.250Z") == 1_795_508_130_250)
        #expect(Timestamp.milliseconds("2026-11-24T09:15:30+01:00") == 1_795_508_130_000)
        #expect(Timestamp.milliseconds("2026-11-24") == 1_795_478_400_000)
        #expect(Timestamp.text(milliseconds: -1) == "1969-12-31T23:59:59.999Z")
        for text in ["", "yesterday", "2026-02-30", "2026-13-01", "26-1-1"] { #expect(Timestamp.milliseconds(text) == nil, "\(text)") }
    }

    @Test(
        arguments: [
            (nil, "image/jpeg"), ("*/*", "image/jpeg"), ("image/*", "image/jpeg"), ("image/webp,*/*", "image/webp"),
            ("image/webp;q=0.5,image/jpeg", "image/jpeg"),
            ("image/avif,image/webp,*/*;q=0.8", "image/avif"), ("image/webp;q=0,*/*", "image/jpeg"), ("text/html", nil),
            ("IMAGE/WEBP", "image/webp"),
        ] as [(String?, String?)])
    func aFormatThatNeedsNamingIsGivenToThoseWhoNameIt(_ accept: String?, _ expected: String?) {
        let offers: [(type: String, explicit: Bool)] = [("image/avif", true), ("image/webp", true), ("image/jpeg", false)]
        #expect(ContentNegotiation.choose(accept: accept, offers: offers) == expected)
    }

    @Test(
        arguments: [
            ("wait=10", 10), ("respond-async, wait=5", 5), ("wait=9999", 30), ("wait=\"3\"", 3), ("wait=-1", nil), ("wait=x", nil),
            ("other", nil),
        ] as [(String, Int?)])
    func preferWaitIsReadAndBounded(_ header: String, _ expected: Int?) {
        #expect(Prefer.wait(request("/", [HTTPField.Name("Prefer")!: header]), limit: 30) == expected)
    }

    @Test func pagesAreDjangoRESTFrameworks() throws {
        let page = try PageRequest(request("/api/media/?page=2&page_size=5&search=a"))
        #expect(page.offset == 5)
        let body = try page.body(["1", "2"], count: 12, request: request("/api/media/?page=2&page_size=5&search=a"), base: "http://h")
        #expect(
            body
                == #"{"count":12,"next":"http://h/api/media/?page_size=5&search=a&page=3","previous":"http://h/api/media/?page_size=5&search=a","results":[1,2]}"#
        )
        #expect(try PageRequest(request("/?page_size=5000")).pageSize == 100)
        #expect(try PageRequest(request("/?page_size=0")).pageSize == 20)
        #expect(try PageRequest(request("/?page_size=99999999999999999999")).pageSize == 100)
        #expect(try PageRequest(request("/?page_size=x&page=")).pageSize == 20)
        for query in ["page=0", "page=-1", "page=x", "page=99999999999999"] {
            #expect(throws: APIError.self) { try PageRequest(request("/?" + query)) }
        }
        #expect(throws: APIError.self) { try page.body([], count: 5, request: request("/?page=2"), base: "") }
    }

    @Test func onlyAllowedFieldsOrder() throws {
        let columns = ["created": "created", "name": "LOWER(name)"]
        func clause(_ query: String) throws -> String {
            try Ordering(request("/?" + query), columns: columns, fallback: "-created", tieBreaker: "id").clause
        }
        #expect(try clause("") == "created DESC, id DESC")
        #expect(try clause("ordering=name,-created") == "LOWER(name), created DESC, id DESC")
        #expect(try clause("ordering=" + Array(repeating: "-created", count: 5000).joined(separator: ",")) == "created DESC, id DESC")
        #expect(throws: APIError.self) { try clause("ordering=created;DROP TABLE media") }
    }

    @Test func aColumnIsMadeForThoseThatAreOrderedByOnly() throws {
        func ordering(_ query: String) throws -> (clause: String, made: [String]) {
            var made: [String] = []
            let ordering = try Ordering(
                request("/?" + query), names: ["name", "relevance"], fallback: "relevance", tieBreaker: "id"
            ) { name in
                made.append(name)
                return Ordering.Column(name, isDownward: name == "relevance")
            }
            return (ordering.clause, made)
        }
        #expect(try ordering("") == ("relevance DESC, id DESC", ["relevance"]))
        #expect(try ordering("ordering=-relevance") == ("relevance, id", ["relevance"]))
        #expect(try ordering("ordering=name,name") == ("name, id", ["name"]))
        #expect(try ordering("ordering=relevance,name") == ("relevance DESC, name, id", ["relevance", "name"]))
        #expect(throws: APIError.self) { try ordering("ordering=distance") }
    }

    @Test func aTagIsOfTheVersionAndOfWhatIsShown() throws {
        let (tag, other) = (EntityTag.text(7, "{}"), EntityTag.text(7, "[]"))
        #expect(tag.wholeMatch(of: /"7\.[0-9a-f]{16}"/) != nil && tag != other && tag == EntityTag.text(7, "{}"))
        // A change is meant for the version, whatever else was seen with it.
        for header in ["*", tag, other, "\"7\"", "\"6\", \(other)"] { #expect(EntityTag.isMeant(header, for: "\"7\""), "\(header)") }
        for header in [EntityTag.text(6, "{}"), "\"6\"", "7", "\"70.1\"", "\"\"", "\".7\"", ""] {
            #expect(!EntityTag.isMeant(header, for: "\"7\""), "\(header)")
        }
    }

    @Test func errorsAreInDjangoRESTFrameworksForm() {
        #expect(APIError.notFound.jsonBody == #"{"detail":"Not found.","code":"not_found"}"#)
        #expect(APIError(invalid: ["b": ["2"], "a": ["1 \"x\""]]).jsonBody == #"{"a":["1 \"x\""],"b":["2"]}"#)
        #expect(APIError.insufficientStorage.status.code == 507)
        #expect(JSONText.string("\u{1}\n\t\\\"/é🐄\u{7F}").unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }
}

extension HTTPFields {
    fileprivate func merging(_ name: HTTPField.Name, _ value: String) -> HTTPFields {
        var copy = self
        copy[name] = value
        return copy
    }
}
