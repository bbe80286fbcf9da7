import Foundation
import Persistence

/// What a transaction brings to an end; told to this process when it is committed, and by events to all.
package struct Endings: Sendable {
    private(set) var sessions: [String] = []
    private(set) var users: [(id: String, version: Int)] = []
    private(set) var changesKeys = false

    /// Keys or accounts are no longer what was looked up of them a moment ago.
    mutating func forgetLookUps() { changesKeys = true }

    /// Ends a session, once.
    package mutating func end(_ session: Session, now: Date, on connection: any SQLConnection) throws {
        guard try SessionTable.revoke(session.id, now: Int64(now.timeIntervalSince1970 * 1000), on: connection) else { return }
        try UserEvents.appendRevoked(session: session.id, of: session.subject, now: now, on: connection)
        sessions.append(session.id)
    }

    /// Ends all sessions of a user, but for one.
    package mutating func endAll(of user: String, except kept: String? = nil, now: Date, on connection: any SQLConnection) throws {
        let milliseconds = Int64(now.timeIntervalSince1970 * 1000)
        for session in try SessionTable.active(of: user, now: milliseconds, limit: 100_000, offset: 0, on: connection)
        where session.id != kept {
            try end(session, now: now, on: connection)
        }
    }

    /// Makes worth nothing what was handed out before the user's version.
    mutating func outdate(_ user: String, before version: Int, now: Date, on connection: any SQLConnection) throws {
        try UserEvents.appendRevoked(olderThan: version, of: user, now: now, on: connection)
        users.append((user, version))
    }
}

extension AuthCore {
    /// Runs a change that may end sessions, and tells of them when it is committed.
    package func change<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection, inout Endings, Date) throws -> T) async throws -> T {
        let time = clock()
        let run: @Sendable (any SQLConnection) throws -> (T, Endings) = { connection in
            var endings = Endings()
            let result = try body(connection, &endings, time)
            return (result, endings)
        }
        let (result, endings): (T, Endings)
        do { (result, endings) = try await database.write(run) } catch DatabaseError.uniqueViolation {
            // Another took the name or the address at the same moment. Run again, the change sees it and says what there is to say.
            (result, endings) = try await database.write(run)
        }
        for session in endings.sessions { revocations.revoke(session: session, now: time) }
        for user in endings.users { revocations.revoke(user: user.id, olderThan: user.version, now: time) }
        if endings.changesKeys || !endings.sessions.isEmpty || !endings.users.isEmpty { recent.answers.removeAll() }
        wakeRelay()
        await mailSignal.wake()
        return result
    }
}
