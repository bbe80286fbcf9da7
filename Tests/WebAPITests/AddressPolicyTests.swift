import Foundation
import Testing
import WebAPI

@Suite struct AddressPolicyTests {
    private func addresses(_ texts: String...) -> [IPAddress] { texts.compactMap { IPAddress($0) } }

    @Test(arguments: [
        "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "169.253.0.1", "223.255.255.255",
        "2606:2800:220:1:248:1893:25c8:1946", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
    ])
    func publicAddressesArePublic(_ text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic)
    }

    @Test(arguments: [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8",
        "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "255.255.255.255", "::", "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::",
        "::127.0.0.1", "3fff::1",
    ])
    func specialAddressesAreNot(_ text: String) throws {
        #expect(try !#require(IPAddress(text)).isPublic)
    }

    @Test(arguments: ["", "1.2.3", "0x7f.0.0.1", "2130706433", "1.2.3.4 ", "::g", "1.2.3.4/8", "fe80::1%eth0"])
    func onlyTheUsualFormsAreAddresses(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func aNetworkHoldsWhatItsPrefixSays() throws {
        let network = try #require(IPNetwork("10.20.0.0/15"))
        #expect(network.contains(try #require(IPAddress("10.21.255.255"))))
        #expect(!network.contains(try #require(IPAddress("10.22.0.0"))))
        #expect(!network.contains(try #require(IPAddress("fd00::1"))))
        #expect(try #require(IPNetwork("0.0.0.0/0")).contains(try #require(IPAddress("1.2.3.4"))))
        #expect(try #require(IPNetwork("::1")).contains(try #require(IPAddress("::1"))))
        for text in ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "/8"] { #expect(IPNetwork(text) == nil, "\(text)") }
    }

    @Test func oneAddressThatIsNotPublicRefusesTheHost() throws {
        let policy = AddressPolicy()
        #expect(try policy.check("example.org", addresses("8.8.8.8", "1.1.1.1")).address == "8.8.8.8")
        #expect(throws: AddressPolicy.Refusal.forbidden) { try policy.check("example.org", addresses("8.8.8.8", "127.0.0.1")) }
        #expect(throws: AddressPolicy.Refusal.unresolvable) { try policy.check("example.org", []) }
    }

    @Test func whatTheOperatorNamesIsAllowed() throws {
        let rules = ["Hooks.Internal", "10.1.0.0/16", "::1"].compactMap { AddressRule($0) }
        try #require(rules.count == 3)
        let policy = AddressPolicy(allowing: rules)
        #expect(try policy.check("hooks.internal", addresses("192.168.0.1")).isNamed)
        #expect(try policy.check("elsewhere", addresses("10.1.2.3")).isNamed)
        #expect(try policy.check("elsewhere", addresses("::1")).isNamed)
        #expect(try !policy.check("elsewhere", addresses("8.8.8.8")).isNamed)
        #expect(throws: AddressPolicy.Refusal.forbidden) { try policy.check("sub.hooks.internal", addresses("192.168.0.1")) }
        #expect(throws: AddressPolicy.Refusal.forbidden) { try policy.check("elsewhere", addresses("10.2.0.1")) }
        // A network does not open what else the name stands for.
        #expect(throws: AddressPolicy.Refusal.forbidden) { try policy.check("elsewhere", addresses("10.1.2.3", "127.0.0.1")) }
        #expect(AddressRule("not a host") == nil)
        #expect(AddressRule("10.0.0.0/99") == nil)
    }

    @Test func namesAreResolvedAndTheirAddressesChecked() async throws {
        let local = try #require(URL(string: "http://localhost:1/"))
        await #expect(throws: AddressPolicy.Refusal.forbidden) { try await AddressPolicy().destination(of: local) }
        let destination = try await AddressPolicy(allowing: [.host("localhost")]).destination(of: local)
        #expect(["127.0.0.1", "::1"].contains(destination.address))
        #expect(destination.host == "localhost")
        let encoded = try #require(URL(string: "http://ex%61mple.org/"))
        // However Foundation reads it, it is not resolved as another name than the one that is connected to.
        await #expect(throws: AddressPolicy.Refusal.self) { try await AddressPolicy().destination(of: encoded) }
        let nowhere = try #require(URL(string: "http://nowhere.invalid/"))
        await #expect(throws: AddressPolicy.Refusal.unresolvable) { try await AddressPolicy().destination(of: nowhere) }
    }
}
