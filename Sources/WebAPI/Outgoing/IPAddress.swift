import Foundation

/// An IPv4 or IPv6 address as its bytes. An IPv6 address that only carries an IPv4 one (mapped, RFC 4291 section 2.5.5.2;
/// NAT64, RFC 6052) is that IPv4 address, so that no spelling gets round a rule.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16, in network order.
    public let bytes: [UInt8]

    /// - Precondition: 4 or 16 bytes.
    init(bytes: [UInt8]) {
        precondition(bytes.count == 4 || bytes.count == 16)
        let carriers: [[UInt8]] = [
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF],
            [0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0],
        ]
        self.bytes = bytes.count == 16 && carriers.contains(Array(bytes[..<12])) ? Array(bytes[12...]) : bytes
    }

    /// Nil where the text is no address in its usual form; `0x7f.1` and the like are none.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(bytes: withUnsafeBytes(of: &v4) { Array($0) })
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        self.init(bytes: withUnsafeBytes(of: &v6) { Array($0) })
    }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        _ = bytes.withUnsafeBytes { inet_ntop(family, $0.baseAddress, &text, socklen_t(text.count)) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether it is an address of the public Internet: none of the IANA special-purpose registries (RFC 6890), no multicast.
    public var isPublic: Bool {
        if bytes.count == 4 { return !Self.specialIPv4.contains { $0.contains(self) } }
        // Of IPv6 only 2000::/3 is global unicast.
        return bytes[0] & 0xE0 == 0x20 && !Self.specialIPv6.contains { $0.contains(self) }
    }

    private static let specialIPv4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    ].map { IPNetwork($0)! }

    /// Teredo and the other protocol assignments, documentation, 6to4 (which carries an IPv4 address).
    private static let specialIPv6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].map { IPNetwork($0)! }
}

/// A network in CIDR notation, such as `10.0.0.0/8`; an address alone is the network of that address.
public struct IPNetwork: Sendable, Hashable {
    private let base: [UInt8]
    private let prefix: Int

    /// Nil where the text is none.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        base = address.bytes
        guard parts.count == 2 else {
            prefix = base.count * 8
            return
        }
        guard let length = Int(parts[1]), (0...base.count * 8).contains(length) else { return nil }
        prefix = length
    }

    public func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.count else { return false }
        for index in 0..<base.count {
            let bits = min(8, max(0, prefix - index * 8))
            if bits == 0 { return true }
            let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - bits))
            guard address.bytes[index] & mask == base[index] & mask else { return false }
        }
        return true
    }
}
