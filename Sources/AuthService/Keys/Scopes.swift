/// What a key or a token may be good for (RFC 6749 section 3.3).
package enum Scopes {
    /// What services ask for; a key of `admin` may do all that its user may.
    package static let all = [
        "media:read", "media:write", "profiles:read", "profiles:write", "marketplace:read", "marketplace:write", "chat:read", "chat:write",
        "foro:read", "foro:write", "events:read", admin,
    ]
    package static let admin = "admin"

    /// What OpenID Connect adds for clients of OAuth (OpenID Connect Core 1.0 section 5.4, 11).
    package static let identity = ["openid", "profile", "email", "offline_access"]

    /// Those of a text that are known, in the order of the lists; nil where one is not.
    package static func parse(_ text: String, among known: [String] = all + identity) -> [String]? {
        let words = Set(text.split(separator: " ").map(String.init))
        guard words.isSubset(of: known) else { return nil }
        return known.filter { words.contains($0) }
    }
}
