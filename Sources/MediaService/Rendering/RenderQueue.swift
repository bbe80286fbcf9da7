import Persistence

/// The tables of render jobs: leased, so that a worker that dies gives its job back when the lease ends.
package enum RenderQueue {
    /// What a job makes; the name is the table's.
    package enum Kind: String, Sendable {
        case pictures = "render_jobs"
        /// A video written for browsers, which begins when its pictures are there.
        case videos = "video_jobs"
    }

    /// A job that this process holds.
    package struct Lease: Sendable {
        package let kind: Kind
        package let mediaID: MediaID
        /// This attempt's number, from 1.
        package let attempt: Int
    }

    package static func enqueue(_ id: MediaID, _ kind: Kind = .pictures, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            "INSERT INTO \(kind.rawValue) (media_id, attempts, run_after, lease_owner, lease_until) VALUES ($1, 0, $2, NULL, 0)",
            [SQLValue(id.description), SQLValue(now)])
    }

    /// Takes the job that has been due longest, for `owner` until `until`.
    package static func leaseNext(
        _ kind: Kind = .pictures, owner: String, now: Int64, until: Int64, on connection: any SQLConnection
    ) throws -> Lease? {
        // Workers of several processes pass over each other's rows instead of queueing up behind one.
        let locking = connection.dialect == .postgresql ? "FOR UPDATE SKIP LOCKED" : ""
        let rows = try connection.query(
            """
            UPDATE \(kind.rawValue) SET attempts = attempts + 1, lease_owner = $1, lease_until = $2
            WHERE media_id = (
                SELECT media_id FROM \(kind.rawValue) WHERE run_after <= $3 AND lease_until <= $3
                ORDER BY run_after, media_id LIMIT 1 \(locking))
            RETURNING media_id, attempts
            """, [SQLValue(owner), SQLValue(until), SQLValue(now)])
        return try rows.first.map { try lease(kind, $0) }
    }

    /// Takes this item's job for its pictures, whether or not it is due; nil where it has none or another worker holds it.
    package static func lease(_ id: MediaID, owner: String, now: Int64, until: Int64, on connection: any SQLConnection) throws -> Lease? {
        let rows = try connection.query(
            """
            UPDATE render_jobs SET attempts = attempts + 1, lease_owner = $1, lease_until = $2
            WHERE media_id = $3 AND lease_until <= $4 RETURNING media_id, attempts
            """, [SQLValue(owner), SQLValue(until), SQLValue(id.description), SQLValue(now)])
        return try rows.first.map { try lease(.pictures, $0) }
    }

    /// Whether any job may be taken.
    package static func isDue(_ kind: Kind, now: Int64, on connection: any SQLConnection) throws -> Bool {
        try !connection.query(
            "SELECT 1 AS one FROM \(kind.rawValue) WHERE run_after <= $1 AND lease_until <= $1 LIMIT 1", [SQLValue(now)]
        ).isEmpty
    }

    private static func lease(_ kind: Kind, _ row: SQLRow) throws -> Lease {
        guard let id = MediaID(try row.text("media_id")) else { throw DatabaseError.decoding("media_id is no UUID") }
        return Lease(kind: kind, mediaID: id, attempt: try row.int("attempts"))
    }

    package static func renew(_ lease: Lease, owner: String, until: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE \(lease.kind.rawValue) SET lease_until = $3 WHERE media_id = $1 AND lease_owner = $2",
            [SQLValue(lease.mediaID.description), SQLValue(owner), SQLValue(until)])
    }

    /// Puts a job back to be taken from `runAfter` on. `countsAttempt` is false where the attempt was not the file's fault.
    package static func release(_ lease: Lease, owner: String, runAfter: Int64, countsAttempt: Bool, on connection: any SQLConnection)
        throws
    {
        try connection.execute(
            """
            UPDATE \(lease.kind.rawValue) SET lease_owner = NULL, lease_until = 0, run_after = $3, attempts = attempts - $4
            WHERE media_id = $1 AND lease_owner = $2
            """, [SQLValue(lease.mediaID.description), SQLValue(owner), SQLValue(runAfter), SQLValue(countsAttempt ? 0 : 1)])
    }

    /// Ends every lease: to be called at start by the only process on this database.
    package static func releaseAll(on connection: any SQLConnection) throws {
        for kind in [Kind.pictures, .videos] {
            try connection.execute("UPDATE \(kind.rawValue) SET lease_owner = NULL, lease_until = 0")
        }
    }

    package static func remove(_ id: MediaID, _ kind: Kind = .pictures, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM \(kind.rawValue) WHERE media_id = $1", [SQLValue(id.description)])
    }

    package static func length(_ kind: Kind = .pictures, on connection: any SQLConnection) throws -> Int {
        try connection.query("SELECT COUNT(*) AS jobs FROM \(kind.rawValue)").first?.int("jobs") ?? 0
    }
}

/// When a job that failed is tried again: the first wait, doubled with each attempt, at most an hour.
package struct RetryPolicy: Sendable, Equatable {
    /// Attempts in all.
    package var attempts: Int
    package var firstWait: Duration

    package init(attempts: Int, firstWait: Duration) {
        self.attempts = attempts
        self.firstWait = firstWait
    }

    package enum Decision: Sendable, Equatable {
        case retry(after: Duration)
        case giveUp
    }

    package func afterFailure(attempt: Int) -> Decision {
        guard attempt < attempts else { return .giveUp }
        let doublings = min(max(0, attempt - 1), 20)
        return .retry(after: min(firstWait * (1 << doublings), .seconds(3600)))
    }
}
