import Foundation
import Persistence
import WebAPI

/// Changes of accounts: each with its event, and with the end of what it ends, in one transaction.
package enum UserChanges {
    static let usernameTaken = APIError.invalid("username", "A user with that username already exists.")

    /// - Throws: `APIError` 400 where an address that is said to be verified is another's.
    static func requireFree(_ user: User, on connection: any SQLConnection) throws {
        guard user.isEmailVerified, let holder = try UserTable.find(verifiedEmail: user.email, on: connection), holder.id != user.id else {
            return
        }
        throw APIError.invalid("email", "A user with that email address already exists.")
    }

    /// - Throws: `APIError` 400 where the username is another's.
    package static func create(_ user: User, now: Date, on connection: any SQLConnection) throws {
        guard try UserTable.find(username: user.username, on: connection) == nil else { throw usernameTaken }
        try UserTable.insert(user, on: connection)
        try UserEvents.append(.created, user, now: now, on: connection)
    }

    /// Writes what was changed of a user. What others see is told; who may do less, or nothing, loses what was handed out.
    package static func update(_ user: inout User, from before: User, _ endings: inout Endings, now: Date, on connection: any SQLConnection)
        throws
    {
        if Username.key(user.username) != Username.key(before.username),
            try UserTable.find(username: user.username, on: connection) != nil
        {
            throw usernameTaken
        }
        try UserTable.update(&user, on: connection)
        if user.username != before.username || user.displayName != before.displayName || user.roles != before.roles
            || user.isActive != before.isActive
        {
            try UserEvents.append(.updated, user, now: now, on: connection)
        }
        if user.roles != before.roles || user.isActive != before.isActive {
            try endings.outdate(user.id, before: user.version, now: now, on: connection)
        }
        if before.isActive, !user.isActive { try endings.endAll(of: user.id, now: now, on: connection) }
    }

    /// - Throws: `APIError` 409 for the account that an installation begins with.
    package static func delete(_ user: User, _ endings: inout Endings, now: Date, on connection: any SQLConnection) throws {
        guard user.id != User.firstID else {
            throw APIError(
                .conflict, code: "first_account", detail: "The account that the installation began with cannot be deleted; disable it.")
        }
        try endings.endAll(of: user.id, now: now, on: connection)
        // Whatever version a token has, it is older.
        try endings.outdate(user.id, before: Int(Int32.max), now: now, on: connection)
        try UserTable.delete(user.id, on: connection)
        try UserEvents.append(.deleted, user, now: now, on: connection)
    }

    /// Sets a password that has been checked and hashed. Sessions end, but for the one that asks; the owner is told by mail. A change of address
    /// that is under way is off: who knew the old password may have begun it.
    package static func setPassword(
        _ password: StoredPassword, of user: inout User, keeping session: String?, _ endings: inout Endings, core: AuthCore, now: Date,
        on connection: any SQLConnection
    ) throws {
        user.password = password
        try UserTable.update(&user, on: connection)
        try endings.endAll(of: user.id, except: session, now: now, on: connection)
        try MailTokens.remove(.reset, of: user.id, on: connection)
        try MailTokens.removeVerifications(of: user.id, butOf: user.email, on: connection)
        if user.isEmailVerified {
            try core.mail.enqueue(
                .passwordChanged(name: user.username), to: user, at: user.email, from: core.mailFrom, now: Timestamp.milliseconds(now),
                on: connection)
        }
    }

    /// Takes an address for the user's who has just shown that they read it. Who claimed it without that has it no longer.
    /// - Returns: false where it is another's by now.
    package static func verifyEmail(_ email: String, of user: inout User, on connection: any SQLConnection) throws -> Bool {
        if let holder = try UserTable.find(verifiedEmail: email, on: connection) { return holder.id == user.id }
        user.email = email
        user.isEmailVerified = true
        try UserTable.update(&user, on: connection)
        return true
    }
}

extension AuthCore {
    /// Counts that somebody asks for a username, whatever comes of it: nobody is to ask for a long list of names which of them are taken.
    /// - Throws: `APIError` 429 where the address has to wait.
    func countUsername(_ trace: ClientTrace, now: Int64) async throws {
        let attempt = Attempts.Subject.address("register", trace.address, settings.registrations)
        try await database.write { try Attempts.begin([attempt], now: now, on: $0) }
    }

    /// Changes one account.
    /// - Throws: `APIError` 404 where there is none of that id.
    package func modify(_ id: String, _ change: @escaping @Sendable (inout User) -> Void) async throws {
        try await self.change { connection, endings, time in
            guard let before = try UserTable.find(id, on: connection) else { throw APIError.notFound }
            var user = before
            change(&user)
            try UserChanges.update(&user, from: before, &endings, now: time, on: connection)
        }
    }

    /// Makes the account that an installation begins with where it is missing, and takes in the key of the data folder.
    func prepareFirstAccount(token: String) async throws {
        try await change { connection, endings, time in
            let now = Timestamp.milliseconds(time)
            if try UserTable.find(User.firstID, on: connection) == nil {
                let user = User(id: User.firstID, username: User.firstID, roles: [.staff], created: now)
                try UserChanges.create(user, now: time, on: connection)
            }
            try APIKeyTable.adopt(token, now: now, on: connection)
            endings.forgetLookUps()
        }
    }

    /// Writes to an address that an account says is its own: the same whether the address is free or not, as far as anybody but its
    /// owner can see.
    package func writeToClaimed(_ email: String, of user: User, now: Int64, on connection: any SQLConnection) throws {
        guard !email.isEmpty else { return }
        if let holder = try UserTable.find(verifiedEmail: email, on: connection) {
            guard holder.id != user.id else { return }
            let letter = Letter.alreadyRegistered(name: holder.username, link: baseURL + "/#reset")
            try mail.enqueue(letter, to: holder, at: holder.email, from: mailFrom, now: now, on: connection)
            return
        }
        let token = try MailTokens.make(.verify, of: user, email: email, now: now, lifetime: settings.verifyLifetime, on: connection)
        let letter = Letter.verify(
            name: user.username, link: baseURL + "/#verify=" + token, hours: Int(settings.verifyLifetime / .seconds(3600)))
        try mail.enqueue(letter, to: user, at: email, from: mailFrom, now: now, on: connection)
    }
}
