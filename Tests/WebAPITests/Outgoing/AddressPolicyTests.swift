import Testing
import WebAPI

@Suite struct AddressPolicyTests {
    private func addresses(_ texts: String...) -> [IPAddress] { texts.compactMap { IPAddress($0) } }

    private func policy(_ rules: String...) throws -> AddressPolicy {
        AddressPolicy(allowing: try rules.map { try #require(AddressRule($0)) })
    }

    @Test func oneAddressThatIsNotPublicRefusesTheHost() throws {
        let policy = AddressPolicy()
        #expect(try policy.check("example.org", addresses("8.8.8.8", "1.1.1.1")).addresses == addresses("8.8.8.8", "1.1.1.1"))
        #expect(throws: AddressPolicy.Refusal.forbidden) { try policy.check("example.org", addresses("8.8.8.8", "127.0.0.1")) }
        #expect(throws: AddressPolicy.Refusal.unresolvable) { try policy.check("example.org", []) }
    }

    @Test func whatTheOperatorNamesIsAllowedAndNothingBesides() throws {
        let policy = try policy("Hooks.Internal", "10.1.0.0/16", "fd00::/8", "127.0.0.1", "::1")
        #expect(try policy.check("hooks.internal", addresses("192.168.0.1")).isNamed)
        #expect(try policy.check("HOOKS.internal", addresses("192.168.0.1")).isNamed)
        #expect(try policy.check("elsewhere", addresses("10.1.255.255")).isNamed)
        #expect(try policy.check("elsewhere", addresses("fd12::1", "::1", "127.0.0.1", "::ffff:127.0.0.1")).isNamed)
        #expect(try !policy.check("elsewhere", addresses("8.8.8.8")).isNamed)
        #expect(try !policy.check("elsewhere", addresses("8.8.8.8", "10.1.2.3")).isNamed)
        for address in ["10.2.0.0", "127.0.0.2", "fe80::1"] {
            #expect(throws: AddressPolicy.Refusal.forbidden, "\(address)") { try policy.check("elsewhere", addresses(address)) }
        }
        #expect(throws: AddressPolicy.Refusal.forbidden) { try policy.check("sub.hooks.internal", addresses("192.168.0.1")) }
        // A network does not open what else the name stands for.
        #expect(throws: AddressPolicy.Refusal.forbidden) { try policy.check("elsewhere", addresses("10.1.2.3", "127.0.0.2")) }
    }

    @Test(arguments: ["", "not a host", "10.0.0.0/99", "10.0.0.0/-1", "10.0.0.0/x", "fd00::/129", "http://x"])
    func whatIsNoRuleIsNone(_ text: String) { #expect(AddressRule(text) == nil) }

    @Test func namesAreResolvedAndTheirAddressesChecked() async throws {
        await #expect(throws: AddressPolicy.Refusal.forbidden) { try await AddressPolicy().destination(of: "localhost") }
        let destination = try await policy("localhost").destination(of: "LocalHost")
        #expect(!destination.addresses.isEmpty)
        #expect(destination.addresses.allSatisfy { ["127.0.0.1", "::1"].contains($0.description) })
        #expect(destination.host == "LocalHost", "as the URL spells it: the client looks the address up by it")
        // Not resolved, so that nobody reads another name in it.
        await #expect(throws: AddressPolicy.Refusal.malformed) { try await AddressPolicy().destination(of: "ex%61mple.org") }
        await #expect(throws: AddressPolicy.Refusal.unresolvable) { try await AddressPolicy().destination(of: "nowhere.invalid") }
    }
}
