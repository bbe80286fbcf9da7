/// Who makes a request, as a token, a key or a session told.
public struct Principal: Sendable, Hashable {
    /// The user's id; the owner of what is made.
    public let subject: String
    public let roles: Set<Role>
    /// What the credentials are good for (RFC 6749 section 3.3); nil for all that the user may do.
    public let scopes: Set<String>?
    /// The sign-in that the credentials come from; nil for keys, which are revoked by themselves.
    public let session: String?

    public init(subject: String, roles: Set<Role> = [], scopes: Set<String>? = nil, session: String? = nil) {
        self.subject = subject
        self.roles = roles
        self.scopes = scopes
        self.session = session
    }

    public var isStaff: Bool { roles.contains(.staff) }
}

/// What a user is to the marketplace; one may be several. The names are on the wire.
public enum Role: String, Sendable, Hashable, CaseIterable, Codable {
    case consumer = "Consumer"
    case specialist = "Specialist"
    case businessman = "Businessman"
    case staff = "Staff"
}
