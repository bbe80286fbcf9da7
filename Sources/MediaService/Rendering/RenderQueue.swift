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
        /// How often it was put back because its codec workers were killed by somebody else.
        package var kills = 0
    }

    /// What an attempt that did not settle its job is counted as.
    package enum Toll: Sendable, Equatable {
        case attempt
        /// Its codec workers were killed by somebody else.
        case kill
        /// It was nobody's fault.
        case nothing
    }

    /// One job an item; another one beside it is none.
    package static func enqueue(_ id: MediaID, _ kind: Kind = .pictures, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO \(kind.rawValue) (media_id, attempts, run_after, lease_owner, lease_until) VALUES ($1, 0, $2, NULL, 0)
            ON CONFLICT (media_id) DO NOTHING
            """,
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
            RETURNING media_id, attempts, kills
            """, [SQLValue(owner), SQLValue(until), SQLValue(now)])
        return try rows.first.map { try lease(kind, $0) }
    }

    /// Takes this item's job for its pictures, whether or not it is due; nil where it has none or another worker holds it.
    package static func lease(_ id: MediaID, owner: String, now: Int64, until: Int64, on connection: any SQLConnection) throws -> Lease? {
        let rows = try connection.query(
            """
            UPDATE render_jobs SET attempts = attempts + 1, lease_owner = $1, lease_until = $2
            WHERE media_id = $3 AND lease_until <= $4 RETURNING media_id, attempts, kills
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
        return Lease(kind: kind, mediaID: id, attempt: try row.int("attempts"), kills: try row.int("kills"))
    }

    /// - Returns: false where `owner` does not hold the job any more.
    @discardableResult
    package static func renew(_ lease: Lease, owner: String, until: Int64, on connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            "UPDATE \(lease.kind.rawValue) SET lease_until = $3 WHERE media_id = $1 AND lease_owner = $2",
            [SQLValue(lease.mediaID.description), SQLValue(owner), SQLValue(until)]) == 1
    }

    /// When the lease ends, in milliseconds since 1970; nil where `owner` does not hold the job any more.
    package static func end(of lease: Lease, owner: String, on connection: any SQLConnection) throws -> Int64? {
        try connection.query(
            "SELECT lease_until FROM \(lease.kind.rawValue) WHERE media_id = $1 AND lease_owner = $2",
            [SQLValue(lease.mediaID.description), SQLValue(owner)]
        ).first.map { Int64(try $0.int("lease_until")) }
    }

    /// The job is not held by this process any more: its item was deleted, or another one has it.
    struct LeaseLost: Error {}

    /// Puts a job back to be taken from `runAfter` on.
    package static func release(_ lease: Lease, owner: String, runAfter: Int64, countsAs toll: Toll, on connection: any SQLConnection)
        throws
    {
        try connection.execute(
            """
            UPDATE \(lease.kind.rawValue) SET lease_owner = NULL, lease_until = 0, run_after = $3, attempts = attempts - $4,
                kills = kills + $5
            WHERE media_id = $1 AND lease_owner = $2
            """,
            [
                SQLValue(lease.mediaID.description), SQLValue(owner), SQLValue(runAfter), SQLValue(toll == .attempt ? 0 : 1),
                SQLValue(toll == .kill ? 1 : 0),
            ])
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

/// When a job that failed is tried again: the first wait, doubled with each attempt, at most the longest.
package struct RetryPolicy: Sendable, Equatable {
    /// Attempts in all.
    package var attempts: Int
    package var firstWait: Duration
    package var longestWait: Duration

    package init(attempts: Int, firstWait: Duration, longestWait: Duration = .seconds(3600)) {
        self.attempts = attempts
        self.firstWait = firstWait
        self.longestWait = longestWait
    }

    package enum Decision: Sendable, Equatable {
        case retry(after: Duration)
        case giveUp
    }

    package func afterFailure(attempt: Int) -> Decision {
        guard attempt < attempts else { return .giveUp }
        let doublings = min(max(0, attempt - 1), 20)
        return .retry(after: min(firstWait * (1 << doublings), longestWait))
    }
}
