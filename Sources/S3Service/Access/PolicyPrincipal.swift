/// Whom a statement of a bucket's policy is about.
enum PolicyPrincipal: Sendable, Hashable {
    /// Everybody, anonymous callers among them.
    case everyone
    /// A user of this server. Every user is an account of its own here.
    case user(String)
    /// A principal that is known to the language and never a caller here: a role, a service, a federated user.
    case stranger(String)

    /// Reads one entry of `"AWS"`: `*`, an account's id, or an ARN of an account's root or of a user. The account of a user's ARN says
    /// nothing here, since a user's name is enough; `arn:aws:iam::NAME:root` is the user NAME, for that is its account.
    /// - Returns: nil where it is none of these.
    init?(aws text: String) {
        if text == "*" {
            self = .everyone
            return
        }
        guard text.hasPrefix("arn:") else {
            // An account's id, which is a user's name here.
            guard !text.isEmpty, !text.contains(":"), !text.contains("*"), !text.contains("?") else { return nil }
            self = .user(text)
            return
        }
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, ["aws", "aws-cn", "aws-us-gov"].contains(parts[1]), parts[2] == "iam" || parts[2] == "sts", parts[3].isEmpty
        else { return nil }
        let (account, resource) = (parts[4], parts[5])
        // A wildcard within a principal's name is not of the language: it would match names that do not exist yet.
        guard !resource.isEmpty, !text.contains("*"), !text.contains("?") else { return nil }
        if resource == "root" {
            guard !account.isEmpty else { return nil }
            self = .user(account)
        } else if parts[2] == "iam", resource.hasPrefix("user/") {
            guard let name = resource.split(separator: "/", omittingEmptySubsequences: false).last, !name.isEmpty else { return nil }
            self = .user(String(name))
        } else {
            self = .stranger(text)
        }
    }

    /// - Parameter user: nil for an anonymous caller.
    func contains(_ user: String?) -> Bool {
        switch self {
        case .everyone: true
        case .user(let name): name == user
        case .stranger: false
        }
    }
}
