import Events
import Persistence
import Projections

/// What the marketplace makes of events of media, users and profiles.
struct MarketplaceConsumers: Sendable {
    let core: MarketplaceCore

    /// Its consumer group.
    static let name = "marketplace"

    func services(log: any EventLog) -> [EventConsumer] {
        [
            EventConsumer(
                projectionsOf: Self.name, log: log, database: core.database, logger: core.logger, afterCommit: { core.wakeRelay() },
                media: media, user: user),
            EventConsumer(profilesOf: Self.name + "-profiles", log: log, database: core.database, logger: core.logger),
        ]
    }

    /// An item that is gone, or that turns out to be another's, leaves the ads; one that is hidden or comes is counted anew.
    @Sendable private func media(_ change: MediaProjection.Change, _ connection: any SQLConnection) throws {
        for var add in try AddTable.showing(change.after.id, on: connection) {
            let leaves = change.after.isDeleted || change.after.owner != add.seller
            if leaves {
                try connection.execute(
                    "DELETE FROM add_media WHERE add_id = $1 AND media_id = $2", [SQLValue(add.id), SQLValue(change.after.id)])
                add.media.removeAll { $0 == change.after.id }
            }
            try AddTable.countPhotos(add.id, on: connection)
            if leaves || change.before?.isShown != change.after.isShown || change.before?.status != change.after.status {
                try core.stockChanged(&add, on: connection)
            }
        }
    }

    /// Who is gone sells nothing any more; orders stay, for the other party.
    @Sendable private func user(_ change: UserProjection.Change, _ connection: any SQLConnection) throws {
        if change.isDeletion {
            for add in try AddTable.list("WHERE adds.seller = $1 ORDER BY adds.id", [SQLValue(change.after.id)], on: connection) {
                try core.remove(add, on: connection)
            }
            for table in ["favourites", "saved_searches"] {
                try connection.execute("DELETE FROM \(table) WHERE owner = $1", [SQLValue(change.after.id)])
            }
            try ProfileProjection.forget(change.after.id, on: connection)
        } else if !change.after.isActive, change.before?.isActive != false {
            for var add in try AddTable.list(
                "WHERE adds.seller = $1 AND adds.state IN ('published', 'sold') ORDER BY adds.id", [SQLValue(change.after.id)],
                on: connection)
            {
                add.state = .paused
                try core.stockChanged(&add, on: connection)
            }
        }
    }
}
