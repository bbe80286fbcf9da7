import Events
import Persistence
import Projections

/// What the profiles make of events of media and users.
struct ProfilesConsumers: Sendable {
    let core: ProfilesCore

    /// Its consumer group.
    static let name = "profiles"

    func services(log: any EventLog) -> [EventConsumer] {
        [
            EventConsumer(
                projectionsOf: Self.name, log: log, database: core.database, logger: core.logger, afterCommit: { core.wakeRelay() },
                media: media, user: user)
        ]
    }

    /// An item that is gone, hidden or broken, or that turns out to be another's, leaves the profiles for good.
    @Sendable private func media(_ change: MediaProjection.Change, _ connection: any SQLConnection) throws {
        let item = change.after
        for var profile in try ProfileTable.showing(item.id, on: connection) where !item.isShown || item.owner != profile.user {
            profile.fields.remove(media: item.id)
            try ProfileTable.update(&profile, on: connection)
            try core.emit(.updated, profile, on: connection)
        }
        // A licence's document may be private, and is no part of what is told.
        let isUnusable = item.isDeleted || item.status == "failed"
        try connection.execute(
            "UPDATE profiles SET licence_document = NULL WHERE licence_document = $1" + (isUnusable ? "" : " AND user_id <> $2"),
            isUnusable ? [SQLValue(item.id)] : [SQLValue(item.id), SQLValue(item.owner)])
    }

    /// Who is gone has no profile any more, nothing that others said of them, and no name on reviews and in the audit.
    @Sendable private func user(_ change: UserProjection.Change, _ connection: any SQLConnection) throws {
        guard change.isDeletion else { return }
        let user = change.after.id
        for profile in try ProfileTable.list("WHERE p.user_id = $1 ORDER BY p.id", [SQLValue(user)], on: connection) {
            try core.emit(.deleted, profile, on: connection)
            try ProfileTable.delete(profile.id, on: connection)
        }
        try ReviewTable.forget(user, on: connection)
        try LicenceAudit.forget(user, on: connection)
    }
}
