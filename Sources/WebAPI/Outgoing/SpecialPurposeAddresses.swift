extension IPAddress {
    /// Whether it is an address of the public Internet, by IANA's registries of special-purpose addresses (RFC 6890).
    public var isPublic: Bool {
        guard isIPv6 else { return !Self.specialIPv4.contains { $0.contains(self) } }
        // Only global unicast; all else is private, local, multicast, not assigned, or a translation prefix (NAT64,
        // 64:ff9b::/96), behind which any IPv4 address may stand.
        return Self.globalUnicast.contains(self) && !Self.specialIPv6.contains { $0.contains(self) }
    }

    private static let specialIPv4 = [
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
    ].map { IPNetwork($0)! }

    private static let globalUnicast = IPNetwork("2000::/3")!

    private static let specialIPv6 = [
        "2001::/23",  // protocol assignments; Teredo, which carries an IPv4 address, among them
        "2001:db8::/32",  // documentation
        "2002::/16",  // 6to4, which carries an IPv4 address
        "3fff::/20",  // documentation
    ].map { IPNetwork($0)! }
}
