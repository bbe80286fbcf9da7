import Crypto
import Foundation
import HTTPTypes
import Persistence
import WebAPI

/// Counts attempts in the database, so that a restart forgives nothing and processes count together. An attempt is counted as failed
/// before it is made, and taken back when it succeeds: those that are made at once cannot slip through together.
package enum Attempts {
    /// What is counted: an account, an address of the network, a mailbox.
    package struct Subject: Sendable, Equatable {
        let about: String
        let rule: AttemptRule

        /// - Parameter name: anything; only its digest is stored.
        package init(_ kind: String, _ name: String, _ rule: AttemptRule) {
            about = kind + ":" + Digest.hex(name)
            self.rule = rule
        }

        /// The address of a client; of IPv6 its network, of which one client has all addresses.
        package static func address(_ kind: String, _ address: String?, _ rule: AttemptRule) -> Subject {
            let address = address ?? ""
            return Subject(kind, address.contains(":") ? network(address) : address, rule)
        }

        private static func network(_ address: String) -> String {
            var bytes = in6_addr()
            guard inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
            return withUnsafeBytes(of: bytes) { Array($0.prefix(8)) }.map { String($0) }.joined(separator: ".")
        }
    }

    /// - Throws: `APIError` 429 with `Retry-After` where one of the subjects has to wait; nothing is counted then.
    package static func begin(_ subjects: [Subject], now: Int64, on connection: any SQLConnection) throws {
        let counts = try subjects.map { try count($0, on: connection) }
        let wait = zip(subjects, counts).map { $0.rule.wait($1, now: now) }.max() ?? 0
        guard wait == 0 else { throw throttled(milliseconds: wait) }
        for (subject, count) in zip(subjects, counts) { try write(subject, subject.rule.failed(count, now: now), on: connection) }
    }

    /// Counts an attempt, as `begin` does.
    /// - Returns: false where the subject has to wait; nothing is counted then.
    static func admit(_ subject: Subject, now: Int64, on connection: any SQLConnection) throws -> Bool {
        let count = try count(subject, on: connection)
        guard subject.rule.wait(count, now: now) == 0 else { return false }
        try write(subject, subject.rule.failed(count, now: now), on: connection)
        return true
    }

    /// It succeeded: the account's failures are forgotten.
    static func forget(_ subject: Subject, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM attempts WHERE about = $1", [SQLValue(subject.about)])
    }

    /// It was no failure: counted as if it had not been.
    static func takeBack(_ subject: Subject, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE attempts SET failures = failures - 1, blocked_until = 0 WHERE about = $1 AND failures > 0", [SQLValue(subject.about)])
    }

    /// Takes away what is forgotten anyhow.
    static func sweep(before time: Int64, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM attempts WHERE last < $1 AND blocked_until < $1", [SQLValue(time)])
    }

    static func throttled(milliseconds: Int64) -> APIError {
        let seconds = (milliseconds + 999) / 1000
        return APIError(
            .tooManyRequests, code: "throttled",
            detail: "Request was throttled. Expected available in \(seconds) seconds.",
            headers: [.retryAfter: "\(seconds)"])
    }

    private static func count(_ subject: Subject, on connection: any SQLConnection) throws -> AttemptRule.Count {
        let row = try connection.query(
            "SELECT failures, last, blocked_until FROM attempts WHERE about = $1", [SQLValue(subject.about)]
        ).first
        guard let row else { return AttemptRule.Count() }
        return AttemptRule.Count(
            failures: try row.int("failures"), last: Int64(try row.int("last")), blockedUntil: Int64(try row.int("blocked_until")))
    }

    private static func write(_ subject: Subject, _ count: AttemptRule.Count, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO attempts (about, failures, last, blocked_until) VALUES ($1, $2, $3, $4)
            ON CONFLICT (about) DO UPDATE SET failures = excluded.failures, last = excluded.last, blocked_until = excluded.blocked_until
            """, [SQLValue(subject.about), SQLValue(count.failures), SQLValue(count.last), SQLValue(count.blockedUntil)])
    }
}

/// What of a secret, or of a name that is nobody's business, is stored.
package enum Digest {
    /// SHA-256 in hexadecimal digits. For secrets of 256 random bits, which need no salt and no slowness.
    package static func hex(_ text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
