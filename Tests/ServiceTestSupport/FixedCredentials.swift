import WebAPI

/// Keys and cookies that a test has made up, in place of the auth service.
public struct FixedCredentials: CredentialDirectory {
    public var keys: [String: Principal]
    public var cookies: [String: Principal]

    public init(keys: [String: Principal] = [:], cookies: [String: Principal] = [:]) {
        self.keys = keys
        self.cookies = cookies
    }

    public func principal(ofKey key: String) async throws -> Principal? { keys[key] }
    public func principal(ofCookie value: String) async throws -> Principal? { cookies[value] }

    /// No access token is right to it.
    public var authenticator: Authenticator {
        Authenticator(
            tokens: AccessTokenVerifier(
                issuer: TokenIssuer("https://auth.example.org"), audience: "test", keys: NoKeys(),
                revocations: RevocationList(lifetime: 900)),
            directory: self)
    }
}

private struct NoKeys: VerificationKeySource {
    func key(_ id: String) async throws -> (any TokenAlgorithm)? { nil }
}
