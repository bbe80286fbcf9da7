/// Who is a user, for grants that name one.
package struct UserDirectory: Sendable {
    /// Whether there is a user of that name, which is the canonical id as well.
    package let exists: @Sendable (String) async throws -> Bool
    /// The user with that e-mail address.
    package let named: @Sendable (_ email: String) async throws -> String?

    package init(
        exists: @escaping @Sendable (String) async throws -> Bool, named: @escaping @Sendable (_ email: String) async throws -> String?
    ) {
        self.exists = exists
        self.named = named
    }
}
