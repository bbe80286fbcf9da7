/// Where credentials that say nothing by themselves are looked up. Two adapters: the auth service itself, in whose process no question
/// leaves the process, and `CredentialIntrospection`, which asks it by HTTP.
public protocol CredentialDirectory: Sendable {
    /// Whom an API key stands for; nil where it is not valid, or is no longer.
    /// - Throws: `APIError` 503 where it cannot be told now.
    func principal(ofKey key: String) async throws -> Principal?

    /// Who is signed in by the page's cookie; nil where its session is not valid, or is no longer.
    /// - Throws: `APIError` 503 where it cannot be told now.
    func principal(ofCookie value: String) async throws -> Principal?
}

/// What the page's session cookie is called.
public enum SessionCookie {
    public static let name = "agrovet_session"
}
