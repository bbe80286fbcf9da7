import Foundation
import Persistence
import WebAPI

/// What became of one account of an import.
package struct ImportOutcome: Sendable, Equatable {
    package enum Result: String, Sendable {
        case created
        /// The account that the installation began with, which nobody had used yet.
        case adopted
        /// There is one of that name: an import that is run again changes nothing.
        case kept
        case refused
    }

    package let key: String
    package let username: String
    /// Empty where it was refused.
    package let id: String
    package let result: Result
    /// What a person should know, such as that an address is another's.
    package let remark: String
}

extension AuthCore {
    private static let importBatch = 200

    /// Takes accounts in, each with its event. Idempotent: an account is known by its username.
    /// - Parameters:
    ///   - areEmailsVerified: whether addresses are taken for the accounts' own, as the other system did.
    ///   - isTrial: looks what would be done, and does nothing.
    package func importUsers(_ users: [ImportedUser], areEmailsVerified: Bool, isTrial: Bool) async throws -> [ImportOutcome] {
        var outcomes: [ImportOutcome] = []
        for start in stride(from: 0, to: users.count, by: Self.importBatch) {
            let batch = Array(users[start..<min(start + Self.importBatch, users.count)])
            do {
                outcomes += try await change { connection, _, time in
                    let outcomes = try batch.map { try Self.take($0, areEmailsVerified, time, on: connection) }
                    if isTrial { throw Trial(outcomes: outcomes) }
                    return outcomes
                }
            } catch let trial as Trial { outcomes += trial.outcomes }
        }
        return outcomes
    }

    /// Rolls a trial's transaction back.
    private struct Trial: Error {
        let outcomes: [ImportOutcome]
    }

    private static func take(
        _ imported: ImportedUser, _ areEmailsVerified: Bool, _ time: Date, on connection: any SQLConnection
    ) throws -> ImportOutcome {
        let name = Username.normalized(imported.username)
        func outcome(_ result: ImportOutcome.Result, _ id: String = "", _ remark: String = "") -> ImportOutcome {
            ImportOutcome(key: imported.key, username: name, id: id, result: result, remark: remark)
        }
        if let problem = Username.problem(name) { return outcome(.refused, "", problem) }
        let known = try UserTable.find(username: name, on: connection)
        // The first account waits for an owner.
        let adopts = known?.id == User.firstID && known?.password.isUsable == false && known?.version == 1
        if let known, !adopts { return outcome(.kept, known.id) }

        var remarks: [String] = []
        let now = Timestamp.milliseconds(time)
        var user = known ?? User(id: UUIDv7.make(), username: name, created: imported.created ?? now)
        user.firstName = clean(imported.firstName)
        user.lastName = clean(imported.lastName)
        user.roles = adopts ? imported.roles.union([.staff]) : imported.roles
        user.isActive = imported.isActive
        user.lastLogin = imported.lastLogin
        user.password = StoredPassword(imported.password)
        if !user.password.isUsable {
            user.password = StoredPassword("")
            remarks.append("no password that can be verified: the user has to set a new one")
        }
        if EmailAddress.isValid(imported.email) {
            user.email = imported.email
            let isFree = try UserTable.find(verifiedEmail: imported.email, on: connection) == nil
            user.isEmailVerified = areEmailsVerified && isFree
            if !isFree { remarks.append("the e-mail address is another account's") }
        } else if !imported.email.isEmpty {
            remarks.append("the e-mail address is not valid")
        }
        if adopts {
            try UserTable.update(&user, on: connection)
            try UserEvents.append(.updated, user, now: time, on: connection)
        } else {
            try UserChanges.create(user, now: time, on: connection)
        }
        return outcome(adopts ? .adopted : .created, user.id, remarks.joined(separator: "; "))
    }

    private static func clean(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.filter { ![.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory) }
                    .prefix(150)))
    }
}
