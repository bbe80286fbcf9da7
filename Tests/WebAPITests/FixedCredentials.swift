import WebAPI

/// Keys and cookies that a test has made up, in place of the auth service.
struct FixedCredentials: CredentialDirectory {
    var keys: [String: Principal] = [:]
    var cookies: [String: Principal] = [:]

    func principal(ofKey key: String) async throws -> Principal? { keys[key] }
    func principal(ofCookie value: String) async throws -> Principal? { cookies[value] }

    /// No access token is right to it.
    var authenticator: Authenticator {
        Authenticator(
            tokens: AccessTokenVerifier(
                issuer: TokenIssuer("https://auth.example.org"), audience: "test", keys: NoKeys(), revocations: RevocationList(lifetime: 900)),
            directory: self)
    }
}

private struct NoKeys: VerificationKeySource {
    func key(_ id: String) async throws -> (any TokenAlgorithm)? { nil }
}
