/// Who makes a request, as a token or a session told.
public struct Principal: Sendable, Hashable {
    /// The user's id; the owner of what is made.
    public let subject: String

    public init(subject: String) {
        self.subject = subject
    }
}
