import HTTPTypes
import ObjectStorage
import S3Service
import S3Wire
import Testing

@Suite struct CORSTests {
    private let answers = CORSAnswers(documents: DocumentCache())

    private func bucket(_ rules: String...) -> Bucket {
        Sample.bucket([
            "cors": "<CORSConfiguration>" + rules.map { "<CORSRule>\($0)</CORSRule>" }.joined() + "</CORSConfiguration>"
        ])
    }

    private func rule(_ origin: String, _ method: String = "GET", _ more: String = "") -> String {
        "<AllowedOrigin>\(origin)</AllowedOrigin><AllowedMethod>\(method)</AllowedMethod>\(more)"
    }

    private func preflight(_ bucket: Bucket, _ origin: String?, _ method: String?, headers: String? = nil) -> (code: String?, HTTPFields) {
        var fields: HTTPFields = [:]
        fields[.origin] = origin
        fields[HTTPField.Name("Access-Control-Request-Method")!] = method
        fields[HTTPField.Name("Access-Control-Request-Headers")!] = headers
        do { return (nil, try answers.preflight(fields, bucket: bucket)) } catch { return (error.code, [:]) }
    }

    @Test func originsAreMatchedWithOneWildcard() {
        let patterns = bucket(rule("*suffix"), rule("start*end"), rule("prefix*"), rule("*.put", "PUT"))
        for origin in ["foo.suffix", "suffix", "startend", "start12end", "prefix", "prefix.suffix"] {
            let headers = answers.headers([.origin: origin], method: "GET", bucket: patterns)
            #expect(headers[.accessControlAllowOrigin] == origin)
            #expect(headers[.accessControlAllowMethods] == "GET")
            #expect(headers[.vary]?.contains("Origin") == true)
            #expect(preflight(patterns, origin, "GET").code == nil)
        }
        for origin in ["foo.bar", "foo.suffix.get", "0start12end", "bla.prefix", "star", "Suffix"] {
            #expect(answers.headers([.origin: origin], method: "GET", bucket: patterns).isEmpty, "\(origin)")
            #expect(preflight(patterns, origin, "GET").code == "AccessForbidden", "\(origin)")
        }
        #expect(answers.headers([.origin: "a.put"], method: "PUT", bucket: patterns)[.accessControlAllowMethods] == "PUT")
        #expect(answers.headers([:], method: "GET", bucket: patterns).isEmpty)
        #expect(answers.headers([.origin: "suffix"], method: "GET", bucket: Sample.bucket()).isEmpty)
    }

    @Test func aPreflightNeedsAnOriginAMethodAndARule() {
        let open = bucket(
            rule("*", "GET", "<AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds>"))
        #expect(preflight(open, nil, "GET").code == "BadRequest")
        #expect(preflight(open, "a", nil).code == "BadRequest")
        #expect(preflight(open, "a", "PUT").code == "AccessForbidden")
        #expect(preflight(open, "a", "GET", headers: "X-Amz-Date, x-other").code == "AccessForbidden")
        #expect(preflight(Sample.bucket(), "a", "GET").code == "AccessForbidden")
        let (code, headers) = preflight(open, "a", "GET", headers: "X-Amz-Date")
        #expect(code == nil)
        #expect(headers[.accessControlAllowOrigin] == "*")
        #expect(headers[.accessControlAllowCredentials] == nil, "credentials go to origins that are named")
        #expect(headers[.accessControlAllowHeaders] == "x-amz-date")
        #expect(headers[.accessControlExposeHeaders] == "ETag")
        #expect(headers[.accessControlMaxAge] == "60")
    }

    @Test func aDocumentThatIsNoneIsRefused() throws {
        let bad: [(String, String)] = [
            ("", "MalformedXML"),
            ("<CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule>", "MalformedXML"),
            ("<CORSRule>\(rule("*", "PATCH"))</CORSRule>", "InvalidRequest"),
            ("<CORSRule>\(rule("*.*.example"))</CORSRule>", "InvalidRequest"),
            ("<CORSRule>\(rule("*", "GET", "<ExposeHeader>a b</ExposeHeader>"))</CORSRule>", "InvalidRequest"),
            ("<CORSRule>\(rule("*", "GET", "<MaxAgeSeconds>soon</MaxAgeSeconds>"))</CORSRule>", "MalformedXML"),
            ("<CORSRule>\(rule("*"))<Colour/></CORSRule>", "MalformedXML"),
            (String(repeating: "<CORSRule>\(rule("*"))</CORSRule>", count: 101), "MalformedXML"),
        ]
        for (inside, code) in bad {
            let xml = try Sample.xml("<CORSConfiguration>\(inside)</CORSConfiguration>")
            let error = #expect(throws: S3Error.self) { try CORSConfiguration(xml: xml) }
            #expect(error?.code == code, "\(inside.prefix(100))")
        }
    }
}
