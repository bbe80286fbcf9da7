import WebAPI

/// What bounds webhooks.
public struct WebhookSettings: Sendable {
    /// Hosts and networks that webhooks may reach though they are not public; also those that plain HTTP is good enough for.
    public var allowed: [AddressRule] = []
    /// Endpoints of one owner.
    public var endpoints = 20
    /// How long a receiver may take to answer.
    public var timeout = Duration.seconds(20)
    /// The waits between attempts; one attempt more than there are waits. The default is the schedule of the Standard Webhooks
    /// specification.
    public var waits: [Duration] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map { .seconds($0) }
    /// Requests to one endpoint at once.
    public var connections = 4
    /// Deliveries of one endpoint that wait; an endpoint with more is switched off.
    public var pending = 100_000
    /// How long settled deliveries are kept.
    public var retention = Duration.seconds(7 * 86_400)
    /// How long a secret signs beside the one that replaced it.
    public var secretOverlap = Duration.seconds(86_400)
    /// What addresses in payloads begin with; empty for addresses from the root.
    public var publicURL = ""

    public init() {}
}
