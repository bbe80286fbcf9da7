import WebAPI

/// An account.
package struct User: Sendable, Equatable {
    /// UUIDv7; `admin` for the account that an installation begins with.
    package let id: String
    package var username: String
    /// Empty where none is known. Belongs to the account only where it is verified: several may claim one, one may have it.
    package var email: String
    package var isEmailVerified: Bool
    package var firstName: String
    package var lastName: String
    package var roles: Set<Role>
    /// Whether it can sign in.
    package var isActive: Bool
    package var password: StoredPassword
    /// Milliseconds since 1970, as all times.
    package let created: Int64
    package var lastLogin: Int64?
    /// Rises with every change; in access tokens, so that those of before a change can be told.
    package var version: Int

    /// Language of mail to this user, `en` or `es`.
    package var language: MailLanguage

    package init(
        id: String, username: String, email: String = "", isEmailVerified: Bool = false, firstName: String = "", lastName: String = "",
        roles: Set<Role> = [.consumer], isActive: Bool = true, password: StoredPassword = StoredPassword(""), created: Int64,
        lastLogin: Int64? = nil, version: Int = 1, language: MailLanguage = .english
    ) {
        self.id = id
        self.username = username
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.firstName = firstName
        self.lastName = lastName
        self.roles = roles
        self.isActive = isActive
        self.password = password
        self.created = created
        self.lastLogin = lastLogin
        self.version = version
        self.language = language
    }

    /// The account that an installation begins with, and that owns what earlier versions stored.
    package static let firstID = "admin"

    /// What others see.
    package var displayName: String {
        let name = [firstName, lastName].filter { !$0.isEmpty }.joined(separator: " ")
        return name.isEmpty ? username : name
    }

    package var sortedRoles: [String] { roles.map(\.rawValue).sorted() }

    /// What a password must not be like.
    package var words: [(name: String, value: String)] {
        [("username", username), ("first name", firstName), ("last name", lastName), ("email address", email)].filter { !$0.1.isEmpty }
    }
}
