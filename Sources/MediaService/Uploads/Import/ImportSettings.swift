import WebAPI

/// Whether and from where files are fetched, and what bounds it.
public struct ImportSettings: Sendable {
    public var isOn = true
    /// Which addresses files are fetched from.
    public var policy = AddressPolicy()
    public var ports: Set<Int> = [80, 443]
    public var redirects = 5
    public var connectTimeout = Duration.seconds(10)
    /// Of one import, from the first question to the last byte.
    public var timeout = Duration.seconds(60)
    /// Imports at once; more are turned away.
    public var atOnce = 8
    /// Imports of one user at once.
    public var atOncePerUser = 4

    public init() {}
}
