import Hummingbird

extension APIRequestContext {
    /// The client's address: the peer's, or where that is a proxy that is trusted, the last that the proxies did not add themselves
    /// (`X-Forwarded-For`, read from the right). IPv6 counts by its /64, which one subscriber has.
    public func clientAddress(trusting proxies: [IPNetwork]) -> String {
        Self.clientAddress(peer: remoteAddress, forwarded: forwardedFor, trusting: proxies)
    }

    package static func clientAddress(peer: String?, forwarded: [String], trusting proxies: [IPNetwork]) -> String {
        guard let client = found(peer: peer, forwarded: forwarded, trusting: proxies) else { return peer ?? "" }
        return client.isIPv6 ? IPAddress(bytes: client.bytes.prefix(8) + [UInt8](repeating: 0, count: 8)).description : client.description
    }

    /// The same to the last bit, for rules about addresses.
    package static func client(peer: String?, forwarded: [String], trusting proxies: [IPNetwork]) -> String? {
        found(peer: peer, forwarded: forwarded, trusting: proxies)?.description ?? peer
    }

    private static func found(peer: String?, forwarded: [String], trusting proxies: [IPNetwork]) -> IPAddress? {
        guard let peer, var client = IPAddress(peer) else { return nil }
        var hops = forwarded.joined(separator: ",").split(separator: ",").map { $0.filter { $0 != " " } }
        while proxies.contains(where: { $0.contains(client) }), let hop = hops.popLast() {
            // What is no address was made up by somebody: the proxy that let it through is all that is known.
            guard let address = IPAddress(hop) else { break }
            client = address
        }
        return client
    }
}
