import Events
import Logging
import Persistence

extension EventConsumer {
    /// The consumer of a service that knows media and users by their events: it keeps both projections, and hands on what has changed, in
    /// the transaction of the change.
    /// - Parameters:
    ///   - name: the consumer group.
    ///   - afterCommit: called when events' work is durable.
    public init(
        projectionsOf name: String, log: any EventLog, database: any Database, logger: Logger,
        afterCommit: @escaping @Sendable () async -> Void,
        media: @escaping @Sendable (MediaProjection.Change, any SQLConnection) throws -> Void,
        user: @escaping @Sendable (UserProjection.Change, any SQLConnection) throws -> Void
    ) {
        let ofMedia: Handler = { event, connection in
            if let change = try MediaProjection.apply(event, on: connection) { try media(change, connection) }
        }
        let ofUsers: Handler = { event, connection in
            if let change = try UserProjection.apply(event, on: connection) { try user(change, connection) }
        }
        self.init(
            name: name, topics: [MediaProjection.topic, UserProjection.topic], log: log, database: database, logger: logger,
            afterCommit: afterCommit,
            handlers: Dictionary(
                uniqueKeysWithValues: MediaProjection.types.map { ($0, ofMedia) } + UserProjection.types.map { ($0, ofUsers) }))
    }

    /// The consumer of a service that shows people as their profiles do. It has a place of its own, so that a service that begins to listen
    /// reads all profiles that the log still tells, whatever it has read of users already.
    /// - Parameter name: the consumer group; another than that of the service's other projections.
    public init(profilesOf name: String, log: any EventLog, database: any Database, logger: Logger) {
        let handler: Handler = { try ProfileProjection.apply($0, on: $1) }
        self.init(
            name: name, topics: [ProfileProjection.topic], log: log, database: database, logger: logger,
            handlers: Dictionary(uniqueKeysWithValues: ProfileProjection.types.map { ($0, handler) }))
    }
}
