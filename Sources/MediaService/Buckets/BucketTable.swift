import ObjectStorage
import Persistence

/// The statements on what the keys of media buckets became, and on the work that waits for them. Each runs within the caller's
/// transaction.
package enum BucketTable {
    // MARK: Objects

    /// A key as it was looked at last.
    package struct Known: Sendable, Hashable {
        package let version: String
        package let mediaID: MediaID?

        package init(version: String, mediaID: MediaID?) {
            self.version = version
            self.mediaID = mediaID
        }
    }

    package static func known(_ key: ObjectKey, in bucket: BucketName, on connection: any SQLConnection) throws -> Known? {
        let row = try connection.query(
            "SELECT version, media_id FROM bucket_objects WHERE bucket = $1 AND key = $2",
            [SQLValue(bucket.description), SQLValue(key.description)]
        ).first
        return try row.map { Known(version: try $0.text("version"), mediaID: try $0.optionalText("media_id").flatMap { MediaID($0) }) }
    }

    package static func put(_ known: Known, _ key: ObjectKey, in bucket: BucketName, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO bucket_objects (bucket, key, version, media_id) VALUES ($1, $2, $3, $4)
            ON CONFLICT (bucket, key) DO UPDATE SET version = excluded.version, media_id = excluded.media_id
            """,
            [
                SQLValue(bucket.description), SQLValue(key.description), SQLValue(known.version), SQLValue(known.mediaID?.description),
            ])
    }

    package static func forget(_ key: ObjectKey, in bucket: BucketName, on connection: any SQLConnection) throws {
        try connection.execute(
            "DELETE FROM bucket_objects WHERE bucket = $1 AND key = $2", [SQLValue(bucket.description), SQLValue(key.description)])
    }

    // MARK: Jobs

    /// A job that is held by whoever has this value.
    package struct Lease: Sendable, Hashable {
        package let bucket: BucketName
        package let key: ObjectKey
        package let mark: MediaBucketMark
        let wish: Int
        /// This attempt's number, from 1.
        package let attempt: Int
        /// Of this lease and no other.
        let token: String
    }

    /// Has a key looked at, as soon as may be and with all attempts, whatever is under way.
    package static func request(_ event: BucketEvent, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO bucket_jobs (bucket, key, wish, visibility, owner, attempts, run_after, lease_owner, lease_until)
            VALUES ($1, $2, 1, $3, $4, 0, $5, NULL, 0)
            ON CONFLICT (bucket, key) DO UPDATE SET wish = bucket_jobs.wish + 1, visibility = excluded.visibility, owner = excluded.owner,
            attempts = 0, run_after = excluded.run_after
            """,
            [
                SQLValue(event.bucket.description), SQLValue(event.key.description), SQLValue(event.mark.visibility?.rawValue),
                SQLValue(event.mark.owner), SQLValue(now),
            ])
    }

    package static func isDue(now: Int64, on connection: any SQLConnection) throws -> Bool {
        try !connection.query("SELECT 1 AS one FROM bucket_jobs WHERE run_after <= $1 AND lease_until <= $1 LIMIT 1", [SQLValue(now)])
            .isEmpty
    }

    /// Takes the job that has been due longest.
    package static func leaseNext(now: Int64, until: Int64, on connection: any SQLConnection) throws -> Lease? {
        // Workers of several processes pass over each other's rows instead of queueing up behind one.
        let locking = connection.dialect == .postgresql ? "FOR UPDATE SKIP LOCKED" : ""
        let token = UUIDv7.make()
        let row = try connection.query(
            """
            UPDATE bucket_jobs SET attempts = attempts + 1, lease_owner = $1, lease_until = $2
            WHERE (bucket, key) = (
                SELECT bucket, key FROM bucket_jobs WHERE run_after <= $3 AND lease_until <= $3
                ORDER BY run_after, bucket, key LIMIT 1 \(locking))
            RETURNING bucket, key, wish, visibility, owner, attempts
            """, [SQLValue(token), SQLValue(until), SQLValue(now)]
        ).first
        return try row.map { row in
            guard let bucket = BucketName(try row.text("bucket")), let key = ObjectKey(try row.text("key")) else {
                throw DatabaseError.decoding("a job of a bucket is for no object")
            }
            let mark = MediaBucketMark(
                visibility: try row.optionalText("visibility").flatMap(Visibility.init(rawValue:)), owner: try row.optionalText("owner"))
            return Lease(
                bucket: bucket, key: key, mark: mark, wish: try row.int("wish"), attempt: try row.int("attempts"), token: token)
        }
    }

    package static func renew(_ lease: Lease, until: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE bucket_jobs SET lease_until = $4 WHERE bucket = $1 AND key = $2 AND lease_owner = $3",
            lease.arguments + [SQLValue(until)])
    }

    /// Ends a job, unless the key has changed meanwhile: then it is free to be taken again.
    /// - Throws: `LeaseLost` where somebody else has the job now; the caller's transaction must not be committed then.
    package static func finish(_ lease: Lease, on connection: any SQLConnection) throws {
        let ended = try connection.execute(
            "DELETE FROM bucket_jobs WHERE bucket = $1 AND key = $2 AND lease_owner = $3 AND wish = $4",
            lease.arguments + [SQLValue(lease.wish)])
        if ended == 1 { return }
        let freed = try connection.execute(
            "UPDATE bucket_jobs SET lease_owner = NULL, lease_until = 0 WHERE bucket = $1 AND key = $2 AND lease_owner = $3",
            lease.arguments)
        guard freed == 1 else { throw LeaseLost() }
    }

    /// Puts a job back. What the key has changed to meanwhile has all its attempts, and does not wait.
    /// - Parameter countsAttempt: false where the attempt failed for nothing that is the object's.
    package static func release(_ lease: Lease, runAfter: Int64, countsAttempt: Bool, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE bucket_jobs SET lease_owner = NULL, lease_until = 0, run_after = CASE WHEN wish = $4 THEN $5 ELSE run_after END,
            attempts = CASE WHEN wish = $4 THEN attempts - $6 ELSE attempts END
            WHERE bucket = $1 AND key = $2 AND lease_owner = $3
            """, lease.arguments + [SQLValue(lease.wish), SQLValue(runAfter), SQLValue(countsAttempt ? 0 : 1)])
    }

    /// Ends every lease: to be called at start by the only process on this database.
    package static func releaseAll(on connection: any SQLConnection) throws {
        try connection.execute("UPDATE bucket_jobs SET lease_owner = NULL, lease_until = 0")
    }

    package static func waiting(on connection: any SQLConnection) throws -> Int {
        try connection.query("SELECT COUNT(*) AS jobs FROM bucket_jobs").first?.int("jobs") ?? 0
    }

    /// The job is not held by this lease any more.
    package struct LeaseLost: Error {}
}

extension BucketTable.Lease {
    fileprivate var arguments: [SQLValue] { [SQLValue(bucket.description), SQLValue(key.description), SQLValue(token)] }
}
