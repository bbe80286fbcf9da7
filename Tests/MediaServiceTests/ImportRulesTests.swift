import AsyncHTTPClient
import MediaService
import TestSupport
import Testing

/// What would let a client reach into the network behind the server.
@Suite struct ImportRulesTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.255.0.3",
        "168.63.129.16", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1",
        "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1",
        "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "febf::1",
        "fec0::1", "ff02::1", "ff0e::1",
    ])
    func addressesThatAreNotOfThePublicInternetAreClosed(_ text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(!ImportRules.isPublic(address))
        #expect(!ImportRules().allows(address, of: "example.org"))
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "168.63.129.17",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
        "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450:4001::1", "2003::1",
    ])
    func theRestIsOpen(_ text: String) throws { #expect(ImportRules.isPublic(try #require(NetworkAddress(text)))) }

    /// Every notation that the system's resolver understands becomes the address that it means, before it is checked.
    @Test(arguments: [
        "127.0.0.1", "2130706433", "0x7f000001", "0x7F.1", "0177.0.0.1", "0177.0.0.01", "127.1", "127.0.1", "0x7f.0x0.0x0.0x1",
        "017700000001", "localhost", "LOCALHOST",
    ])
    func everyNotationOfLoopbackIsLoopback(_ host: String) async throws {
        let name = try #require(ImportURL.hostName(host))
        let addresses = try await HostResolver.addresses(of: name)
        #expect(!addresses.isEmpty)
        #expect(addresses.allSatisfy { !ImportRules().allows($0, of: name) }, "\(addresses)")
    }

    @Test(arguments: [
        ("0", "0.0.0.0"), ("2852039166", "169.254.169.254"), ("0xa9fea9fe", "169.254.169.254"), ("0300.0250.1", "192.168.0.1"),
    ])
    func otherNumbersAreWhatTheyMean(_ host: String, _ meaning: String) async throws {
        #expect(try await HostResolver.addresses(of: host).map(\.description) == [meaning])
    }

    @Test func aNameThatDoesNotExistHasNoAddress() async throws {
        #expect(try await HostResolver.addresses(of: "does-not-exist.invalid") == [])
    }

    @Test func exceptionsAreForWhatTheyNameAlone() throws {
        let rules = ImportRules(
            exceptions: try ["10.1.0.0/16", "fd00::/8", "127.0.0.1", "intranet.example"].map { try #require(ImportRules.Exception($0)) })
        func allows(_ address: String, of host: String = "x") throws -> Bool {
            rules.allows(try #require(NetworkAddress(address)), of: host)
        }
        #expect(try allows("10.1.255.255"))
        #expect(try !allows("10.2.0.0"))
        #expect(try allows("fd12::1"))
        #expect(try !allows("fe80::1"))
        #expect(try allows("127.0.0.1"))
        #expect(try allows("::ffff:127.0.0.1"))
        #expect(try !allows("127.0.0.2"))
        #expect(try allows("192.168.7.7", of: "intranet.example"))
        #expect(try !allows("192.168.7.7", of: "sub.intranet.example"))
        for text in ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "fd00::/129", "a b", "http://x"] {
            #expect(ImportRules.Exception(text) == nil, "\(text)")
        }
    }

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

    /// A name that no resolver knows: what answers can only be the address that was handed over.
    @Test func theConnectionGoesToTheAddressThatWasCheckedAndKeepsTheName() async throws {
        let source = try await ImportSource.start()
        let url = try ImportURL("http://pinned.invalid:\(source.port)/seen?pinned", ports: [source.port])
        let address = try #require(NetworkAddress("127.0.0.1"))
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: .init(pinning: url, to: address, ImportSettings()))
        do {
            let answer = try await client.execute(HTTPClientRequest(url: url.description), timeout: .seconds(60))
            let text = String(buffer: try await answer.body.collect(upTo: 65_536))
            #expect(text.contains("pinned.invalid:\(source.port)"), "\(text)")
        } catch {
            Issue.record(error)
        }
        try await client.shutdown()
        await source.stop()
    }
}
