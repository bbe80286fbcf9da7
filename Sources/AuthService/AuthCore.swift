import Events
import Foundation
import Logging
import Persistence
import WebAPI

/// What every part of the service works with.
package struct AuthCore: Sendable {
    package let database: any Database
    package let settings: AuthSettings
    package let hasher: PasswordHasher
    let vault: Vault
    let ring: SigningKeyRing
    let issuer: TokenIssuer
    package let revocations: RevocationList
    let pageSessions: PageSessions
    package let recent: RecentCredentials
    let metrics: MetricsRegistry
    let logger: Logger
    let wakeRelay: @Sendable () -> Void
    /// That there is mail to send.
    let mailSignal: WakeUpSignal
    package let mailFrom: MailSenderName
    let clock: @Sendable () -> Date

    package var secondFactor: SecondFactor { SecondFactor(vault: vault) }
    package var mail: MailQueue { MailQueue(vault: vault) }

    /// Milliseconds since 1970.
    package var now: Int64 { Timestamp.milliseconds(clock()) }

    /// What links begin with: scheme, host and port.
    var baseURL: String { settings.publicURL.isEmpty ? issuer.url : settings.publicURL }

    var passwordRules: PasswordRules {
        var rules = PasswordRules()
        rules.minimumLength = settings.passwordMinimumLength
        return rules
    }

    /// - Throws: `APIError` 400 where the password is none that the user may have.
    package func check(_ password: String, for user: User, field: String) throws(APIError) {
        let problems = passwordRules.problems(password, words: user.words)
        guard problems.isEmpty else { throw APIError(invalid: [field: problems]) }
    }
}
