/// A network in CIDR notation (RFC 4632), such as `10.0.0.0/8`; an address alone is the network of that address.
public struct IPNetwork: Sendable, Hashable {
    private let base: IPAddress
    /// Bits.
    private let prefix: Int

    /// Nil where the text is none.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = IPAddress(parts[0]) else { return nil }
        let bits = base.bytes.count * 8
        guard let prefix = parts.count == 2 ? Int(parts[1]) : bits, (0...bits).contains(prefix) else { return nil }
        self.base = base
        self.prefix = prefix
    }

    /// False for an address of the other version.
    public func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        for (index, (own, other)) in zip(base.bytes, address.bytes).enumerated() {
            let bits = min(8, max(0, prefix - index * 8))
            if bits == 0 { return true }
            if (own ^ other) >> (8 - bits) != 0 { return false }
        }
        return true
    }
}
