/// Where this server connects to on a client's word: public addresses, and what the operator has allowed. A URL that a client
/// chose must not reach what only this machine can reach: the loopback, the private network, a cloud's metadata service.
///
/// The name is resolved here, once, every address of it is checked, and the caller connects to an address that was checked
/// (`PinnedClient`): a name server that answers differently the second time (DNS rebinding) gains nothing.
public struct AddressPolicy: Sendable {
    /// A host that may be connected to.
    public struct Destination: Sendable, Equatable {
        /// As the URL names it.
        public let host: String
        /// Any of them may be connected to; there is one at least.
        public let addresses: [IPAddress]
        /// The operator has named the host or the networks of all its addresses.
        public let isNamed: Bool
    }

    public enum Refusal: Error, Sendable, Equatable {
        /// The host is no name and no address in the usual form.
        case malformed
        case unresolvable
        /// An address of the host is not public, and no rule names it.
        case forbidden
    }

    private let hosts: Set<HostName>
    private let networks: [IPNetwork]

    public init(allowing rules: [AddressRule] = []) {
        hosts = Set(rules.compactMap { if case .host(let name) = $0 { name } else { nil } })
        networks = rules.compactMap { if case .network(let network) = $0 { network } else { nil } }
    }

    /// Resolves a host and checks all its addresses. Ends with the task.
    /// - Parameter host: of a URL; an IPv6 address without its brackets.
    /// - Throws: `Refusal`, `CancellationError`.
    public func destination(of host: String) async throws -> Destination {
        guard IPAddress(host) != nil || HostName(host) != nil else { throw Refusal.malformed }
        return try check(host, try await HostResolver.addresses(of: host))
    }

    /// The decision alone.
    /// - Parameter addresses: all that the host resolves to.
    package func check(_ host: String, _ addresses: [IPAddress]) throws(Refusal) -> Destination {
        guard !addresses.isEmpty else { throw .unresolvable }
        func isInNetwork(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }
        let isNamed = HostName(host).map { hosts.contains($0) } == true || addresses.allSatisfy(isInNetwork)
        // All, not any: which of them is connected to would be the name server's choice.
        guard isNamed || addresses.allSatisfy({ $0.isPublic || isInNetwork($0) }) else { throw .forbidden }
        return Destination(host: host, addresses: addresses, isNamed: isNamed)
    }
}
