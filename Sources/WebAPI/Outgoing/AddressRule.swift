/// What lets a connection through that would be refused otherwise: a host by its name, or the addresses of a network.
public enum AddressRule: Sendable, Hashable {
    case host(HostName)
    case network(IPNetwork)

    /// Nil where the text is neither a host's name nor an address nor a network.
    public init?(_ text: some StringProtocol) {
        if let network = IPNetwork(text) {
            self = .network(network)
        } else if let name = HostName(text) {
            self = .host(name)
        } else {
            return nil
        }
    }
}
