import AuthService
import Foundation
import WebAPI

/// How this process tells who asks: with the auth service in it, or by its public keys, its events and its answers over HTTP.
struct Access: Sendable {
    let authenticator: Authenticator
    let issuer: TokenIssuer
    /// Hears of what ends.
    let follower: RevocationFollower
    /// Nil where the auth service runs elsewhere.
    let accounts: Accounts?

    /// The page's cookies and one-time codes, where the auth service is in this process.
    var pages: PageSessions? { accounts?.pages }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(_ server: Server, _ deployment: Deployment) async throws {
        let settings = deployment.settings
        let lifetime = settings[SettingsCatalogue.accessTokenLifetime] / .seconds(1)
        let revocations = RevocationList(lifetime: lifetime)
        let keys: any VerificationKeySource
        let directory: any CredentialDirectory
        let issuers = [settings[SettingsCatalogue.tokenIssuer], settings[SettingsCatalogue.publicURL]]
        if settings[SettingsCatalogue.services].contains(.auth) {
            issuer = TokenIssuer(issuers.first { !$0.isEmpty } ?? "")
            let accounts = try await Accounts(server, deployment, issuer: issuer, revocations: revocations)
            (keys, directory) = (accounts.ring, accounts.service.directory)
            self.accounts = accounts
        } else {
            let url = settings[SettingsCatalogue.authURL]
            let (client, secret) = (settings[SettingsCatalogue.authClient], settings[SettingsCatalogue.authSecret])
            guard !url.isEmpty, !client.isEmpty, !secret.isEmpty else {
                throw Failure(
                    description: "the auth service does not run in this process (services): auth-url, auth-client and auth-secret have to "
                        + "say where it runs, and as whom it is asked (agrovet oauth client add --grant introspection)")
            }
            issuer = TokenIssuer((issuers + [url]).first { !$0.isEmpty } ?? "")
            let timeout = settings[SettingsCatalogue.authTimeout]
            keys = RemoteVerificationKeys(url: url + "/.well-known/jwks.json", timeout: timeout, logger: deployment.logger)
            directory = CredentialIntrospection(
                url: url + "/oauth/introspect/", clientID: client, secret: secret, lifetime: settings[SettingsCatalogue.credentialRecheck],
                timeout: timeout)
            accounts = nil
        }
        authenticator = Authenticator(
            tokens: AccessTokenVerifier(
                issuer: issuer, audience: settings[SettingsCatalogue.tokenAudience], keys: keys, revocations: revocations),
            directory: directory)
        follower = RevocationFollower(log: deployment.log, revocations: revocations, lifetime: lifetime, logger: deployment.logger)
        try await follower.catchUp()
    }
}
