/// A policy in AWS's JSON language: a bucket's, which says whom it is about, or an access key's, which says what the key may do.
package struct PolicyDocument: Sendable, Hashable {
    /// Bytes of JSON of a policy (S3 User Guide, "Bucket policies": 20 KB).
    package static let maximumSize = 20 << 10

    let statements: [Statement]

    struct Statement: Sendable, Hashable {
        let isAllow: Bool
        /// Nil in an access key's policy.
        let principals: Principals?
        let actions: Actions
        let resources: Resources
        let conditions: [PolicyCondition]
    }

    enum Principals: Sendable, Hashable {
        case these([PolicyPrincipal])
        case allBut([PolicyPrincipal])

        func contains(_ user: String?) -> Bool {
            switch self {
            case .these(let list): list.contains { $0.contains(user) }
            case .allBut(let list): !list.contains { $0.contains(user) }
            }
        }
    }

    enum Actions: Sendable, Hashable {
        case these([PolicyPattern])
        case allBut([PolicyPattern])

        func contains(_ action: S3Action) -> Bool {
            func any(_ patterns: [PolicyPattern]) -> Bool {
                patterns.contains { $0.matches(action.rawValue, ignoringCase: true) { _ in nil } }
            }
            return switch self {
            case .these(let patterns): any(patterns)
            case .allBut(let patterns): !any(patterns)
            }
        }
    }

    enum Resources: Sendable, Hashable {
        case these([PolicyPattern])
        case allBut([PolicyPattern])

        func contains(_ arn: String, _ value: (String) -> String?) -> Bool {
            switch self {
            case .these(let patterns): patterns.contains { $0.matches(arn, value) }
            case .allBut(let patterns): !patterns.contains { $0.matches(arn, value) }
            }
        }
    }
}

/// What a policy says to a question.
package enum PolicyVerdict: Sendable, Hashable {
    /// A statement allows it and none denies it.
    case allow
    /// A statement denies it; no other policy can help.
    case deny
    /// Nothing speaks of it.
    case silent
}

extension PolicyDocument {
    /// An explicit denial wins, in whatever order statements stand.
    package func verdict(_ question: AccessQuestion) -> PolicyVerdict {
        let arn = question.resource
        let value: (String) -> String? = { question.values(of: $0)?.first }
        var verdict = PolicyVerdict.silent
        for statement in statements {
            guard statement.principals?.contains(question.user) ?? true, statement.actions.contains(question.action),
                statement.resources.contains(arn, value), statement.conditions.allSatisfy({ $0.holds(question) })
            else { continue }
            if !statement.isAllow { return .deny }
            verdict = .allow
        }
        return verdict
    }
}

extension S3Service {
    /// What is wrong with a policy for an access key; nil where nothing is.
    public static func problem(policy text: String) -> String? {
        do {
            _ = try PolicyDocument(keyPolicy: text)
            return nil
        } catch {
            return error.message
        }
    }
}
