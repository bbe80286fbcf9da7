import Foundation
import NIOPosix

/// What lets a connection through that would be refused otherwise: a host by its name, or the addresses of a network.
public enum AddressRule: Sendable, Hashable {
    /// In lower case.
    case host(String)
    case network(IPNetwork)

    /// Nil where the text is neither a host's name nor an address nor a network.
    public init?(_ text: String) {
        if let network = IPNetwork(text) {
            self = .network(network)
        } else if AddressPolicy.isHostName(text) {
            self = .host(text.lowercased())
        } else {
            return nil
        }
    }
}

/// Where this server connects to on a client's word: public addresses, and what the operator has allowed. A URL that a client
/// chose must not reach what only this machine can reach: the loopback, the private network, a cloud's metadata service.
///
/// The name is resolved here, once, every address of it is checked, and the caller connects to the address that was checked:
/// a name server that answers differently the second time (DNS rebinding) gains nothing.
public struct AddressPolicy: Sendable {
    /// A host that may be connected to.
    public struct Destination: Sendable, Equatable {
        /// As the URL names it.
        public let host: String
        /// Numeric; the one to connect to.
        public let address: String
        /// The operator has named the host or the address's network.
        public let isNamed: Bool
    }

    public enum Refusal: Error, Sendable, Equatable {
        /// The URL's host is no name and no address in the usual form.
        case malformed
        case unresolvable
        /// An address of the host is not public, and no rule names it.
        case forbidden
    }

    private let hosts: Set<String>
    private let networks: [IPNetwork]
    /// Resolving blocks, for as long as a name server likes: not on threads that others need.
    private static let resolvers: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    public init(allowing rules: [AddressRule] = []) {
        hosts = Set(
            rules.compactMap {
                if case .host(let name) = $0 { name } else { nil }
            })
        networks = rules.compactMap {
            if case .network(let network) = $0 { network } else { nil }
        }
    }

    /// Resolves the host of a URL and checks all its addresses.
    public func destination(of url: URL) async throws(Refusal) -> Destination {
        guard let host = url.host, IPAddress(host) != nil || Self.isHostName(host) else { throw .malformed }
        let addresses: [IPAddress]
        if let literal = IPAddress(host) {
            addresses = [literal]
        } else {
            addresses = (try? await Self.resolvers.runIfActive { Self.resolve(host) }) ?? []
        }
        return try check(host, addresses)
    }

    /// The decision alone.
    /// - Parameter addresses: all that the host resolves to.
    package func check(_ host: String, _ addresses: [IPAddress]) throws(Refusal) -> Destination {
        guard let first = addresses.first else { throw .unresolvable }
        let isNamed = hosts.contains(host.lowercased()) || addresses.allSatisfy { address in networks.contains { $0.contains(address) } }
        // All, not any: which of them is connected to would be the name server's choice.
        let isAllowed = isNamed || addresses.allSatisfy { address in address.isPublic || networks.contains { $0.contains(address) } }
        guard isAllowed else { throw .forbidden }
        return Destination(host: host, address: first.description, isNamed: isNamed)
    }

    /// Letters, digits, hyphens, underscores and dots, at most 253 of them. What else stands in a URL's host (percent signs, other
    /// alphabets) could be read as another name by whoever connects.
    static func isHostName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            }
    }

    private static func resolve(_ host: String) -> [IPAddress] {
        var hints = addrinfo()
        #if os(Linux)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            if entry.ai_family == AF_INET {
                entry.ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { socket in
                    addresses.append(IPAddress(bytes: withUnsafeBytes(of: socket.pointee.sin_addr) { Array($0) }))
                }
            } else if entry.ai_family == AF_INET6 {
                entry.ai_addr.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { socket in
                    addresses.append(IPAddress(bytes: withUnsafeBytes(of: socket.pointee.sin6_addr) { Array($0) }))
                }
            }
        }
        return addresses
    }
}
