import MediaService
import Testing

/// What would let a client reach into the network behind the server.
@Suite struct ImportURLTests {
    @Test func aURLIsTakenApartStrictly() throws {
        let ports: Set = [80, 443]
        let url = try ImportURL("HTTP://Example.ORG/a%20b/vaca.jpg?x=1#part", ports: ports)
        #expect(url.description == "http://example.org:80/a%20b/vaca.jpg?x=1")
        #expect(url.authority == "example.org")
        #expect(url.filename == "vaca.jpg")
        #expect(try ImportURL("https://example.org", ports: ports).description == "https://example.org:443/")
        #expect(try ImportURL("http://[::FFFF:127.0.0.1]/", ports: ports).host == "127.0.0.1")
        #expect(try ImportURL("http://[2606:4700::1111]/", ports: ports).authority == "[2606:4700::1111]")
        #expect(try ImportURL("http://example.org:8080/", ports: [8080]).authority == "example.org:8080")
        func failure(_ text: String) -> ImportURL.Failure? {
            do throws(ImportURL.Failure) { _ = try ImportURL(text, ports: ports) } catch { return error }
            return nil
        }
        for text in ["ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "javascript:alert(1)", "data:image/png,x"] {
            #expect(failure(text) == .scheme, "\(text)")
        }
        for text in [
            "", "example.org", "//example.org/", "/etc/passwd", "http://", "http:///x", "http://[::1%25eth0]/", "http://[::1/",
            "http://exa mple.org/", "http://a%2fb/", "http://a..b/", "http://.a/", "http://" + String(repeating: "a", count: 300) + "/",
            "http://example.org/" + String(repeating: "a", count: 5000), "http://example.org\\@127.0.0.1/",
        ] {
            #expect(failure(text) != nil, "\(text)")
        }
        for text in ["http://user@example.org/", "http://user:password@example.org/", "http://example.org@127.0.0.1/"] {
            #expect(failure(text) == .userinfo, "\(text)")
        }
        for text in ["http://example.org:22/", "https://example.org:8443/", "http://example.org:0/"] {
            #expect(failure(text) == .port, "\(text)")
        }
    }

    @Test func aRedirectIsTakenApartAsStrictly() throws {
        let ports: Set = [80, 443]
        let url = try ImportURL("https://example.org/a/b?c", ports: ports)
        #expect(try url.redirected(to: "../d", ports: ports).description == "https://example.org:443/d")
        #expect(try url.redirected(to: "//other.example/x", ports: ports).description == "https://other.example:443/x")
        for location in ["file:///etc/passwd", "http://127.0.0.1:22/", "http://a@b/", "ftp://x/"] {
            #expect(throws: ImportURL.Failure.self) { try url.redirected(to: location, ports: ports) }
        }
    }
}
