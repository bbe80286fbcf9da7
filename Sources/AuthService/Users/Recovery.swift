import Foundation
import Persistence
import WebAPI

extension UserChanges {
    /// Sets a password for whoever reads the mailbox that a letter went to.
    ///
    /// Where nobody has shown before that the address is the account's, perhaps a stranger typed it: all that was handed out for the account
    /// until now goes. Where the address was confirmed, keys and the second factor stay: whoever reads a mailbox is no more than that.
    package static func setPasswordByMail(
        _ password: StoredPassword, of user: inout User, _ endings: inout Endings, core: AuthCore, now: Date,
        on connection: any SQLConnection
    ) throws {
        let isFirst = !user.isEmailVerified
        if isFirst {
            _ = try verifyEmail(user.email, of: &user, on: connection)
            try takeBackAll(of: user, &endings, now: now, on: connection)
        }
        try setPassword(password, of: &user, keeping: nil, &endings, core: core, now: now, on: connection)
        // Other processes believe keys for a moment: so that they hear of it at once.
        if isFirst { try endings.outdate(user.id, before: user.version, now: now, on: connection) }
    }

    /// Ends sessions, those of clients of OAuth among them, and takes back API keys, the second factor, what clients were allowed, and letters
    /// that are under way. The key in the data folder's file stays: who has it got it from no sign-in.
    static func takeBackAll(of user: User, _ endings: inout Endings, now: Date, on connection: any SQLConnection) throws {
        try endings.endAll(of: user.id, now: now, on: connection)
        try APIKeyTable.removeAll(of: user.id, on: connection)
        endings.forgetLookUps()
        try SecondFactor.end(user.id, on: connection)
        try OAuthClientTable.forgetConsents(of: user.id, on: connection)
        try AuthorizationCodes.removeUnused(of: user.id, on: connection)
        try MailTokens.remove(.verify, of: user.id, on: connection)
    }
}
