import Testing
import WebAPI

@Suite struct IPAddressTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.255.0.3",
        "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.192",
        "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1",
        "fc00::1", "fd00:ec2::254", "fd12:3456::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ff0e::1",
    ])
    func specialAddressesAreNotPublic(_ text: String) throws {
        #expect(try !#require(IPAddress(text)).isPublic)
        #expect(throws: AddressPolicy.Refusal.forbidden) { try AddressPolicy().check("example.org", [#require(IPAddress(text))]) }
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.1", "168.63.129.17", "169.253.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
        "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "2001:4860:4860::8888",
        "2003::1", "2606:2800:220:1:248:1893:25c8:1946", "2606:4700::1111", "2a00:1450:4001::1",
    ])
    func theRestIs(_ text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic)
    }

    @Test(arguments: ["", "1.2.3", "0x7f.0.0.1", "2130706433", "1.2.3.4 ", "::g", "1.2.3.4/8", "fe80::1%eth0", "[::1]"])
    func onlyTheUsualFormsAreAddresses(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func aMappedAddressIsTheOneThatItMeans() {
        #expect(IPAddress("::ffff:127.0.0.1") == IPAddress("127.0.0.1"))
        #expect(IPAddress("::FFFF:7f00:1")?.description == "127.0.0.1")
        #expect(IPAddress("2001:DB8:0::1")?.description == "2001:db8::1")
    }

    @Test func aNetworkHoldsWhatItsPrefixSays() throws {
        let network = try #require(IPNetwork("10.20.0.0/15"))
        #expect(network.contains(try #require(IPAddress("10.21.255.255"))))
        #expect(!network.contains(try #require(IPAddress("10.22.0.0"))))
        #expect(!network.contains(try #require(IPAddress("fd00::1"))))
        #expect(try #require(IPNetwork("0.0.0.0/0")).contains(try #require(IPAddress("1.2.3.4"))))
        #expect(try #require(IPNetwork("::1")).contains(try #require(IPAddress("::1"))))
        for text in ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "10.0.0.0/", "::/129", "/8"] {
            #expect(IPNetwork(text) == nil, "\(text)")
        }
    }

    @Test func aNameHasTheCharactersOfOne() {
        #expect(HostName("Hooks_1.Internal-x.")?.description == "hooks_1.internal-x.")
        for text in ["", ".", ".a", "a..b", "a b", "a/b", "ex%61mple.org", "bücher.example", "::1", String(repeating: "a", count: 254)] {
            #expect(HostName(text) == nil, "\(text)")
        }
    }
}
