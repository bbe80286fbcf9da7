/// Which addresses files are fetched from: those of the public Internet, and what the setting `import-allow` adds.
public struct ImportRules: Sendable {
    /// An exception that whoever runs the server makes: a host by its name, or a range of addresses.
    public enum Exception: Sendable, Hashable {
        case host(String)
        case range(NetworkRange)

        /// Nil where the text is neither.
        public init?(_ text: String) {
            if let range = NetworkRange(text) {
                self = .range(range)
            } else if let host = ImportURL.hostName(text) {
                self = .host(host)
            } else {
                return nil
            }
        }
    }

    private let exceptions: Set<Exception>

    public init(exceptions: [Exception] = []) { self.exceptions = Set(exceptions) }

    /// - Parameter host: as the URL has it, in lower case.
    public func allows(_ address: NetworkAddress, of host: String) -> Bool {
        if exceptions.contains(.host(host)) { return true }
        let isExcepted = exceptions.contains { if case .range(let range) = $0 { range.contains(address) } else { false } }
        return isExcepted || Self.isPublic(address)
    }

    /// Whether an address belongs to the public Internet, by IANA's registries of special-purpose addresses (RFC 6890).
    public static func isPublic(_ address: NetworkAddress) -> Bool {
        guard address.isIPv6 else { return !closedIPv4.contains { $0.contains(address) } }
        // Only global unicast; all else is private, local, multicast, a translation prefix, or not assigned.
        return globalUnicast.contains(address) && !closedIPv6.contains { $0.contains(address) }
    }

    private static let closedIPv4 = [
        "0.0.0.0/8",  // this network; 0.0.0.0 reaches the machine itself
        "10.0.0.0/8",  // private (RFC 1918)
        "100.64.0.0/10",  // carrier-grade NAT (RFC 6598), metadata of one cloud
        "127.0.0.0/8",  // loopback
        "168.63.129.16/32",  // a public address that is the host itself on one cloud
        "169.254.0.0/16",  // link-local, metadata of most clouds
        "172.16.0.0/12",  // private
        "192.0.0.0/24",  // protocol assignments, metadata of one cloud
        "192.0.2.0/24",  // documentation
        "192.88.99.0/24",  // 6to4 relays
        "192.168.0.0/16",  // private
        "198.18.0.0/15",  // benchmarks
        "198.51.100.0/24",  // documentation
        "203.0.113.0/24",  // documentation
        "224.0.0.0/4",  // multicast
        "240.0.0.0/4",  // reserved, broadcast
    ].map { NetworkRange($0)! }

    private static let globalUnicast = NetworkRange("2000::/3")!

    private static let closedIPv6 = [
        "2001::/23",  // protocol assignments; Teredo, which carries an IPv4 address, among them
        "2001:db8::/32",  // documentation
        "2002::/16",  // 6to4, which carries an IPv4 address
        "3fff::/20",  // documentation
    ].map { NetworkRange($0)! }
}
