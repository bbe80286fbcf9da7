import S3Wire
import Schemas

extension PolicyDocument {
    /// Whose policy it is.
    enum Kind: Sendable, Hashable {
        /// Of this bucket; `Principal` is required, and resources have to be of the bucket.
        case bucket(String)
        /// Of an access key; `Principal` is not of its language.
        case key
    }

    /// Reads a bucket's policy as it is taken from a client.
    /// - Throws: `MalformedPolicy` with the reason.
    package init(bucketPolicy text: String, bucket: String) throws(S3Error) {
        try self.init(text, .bucket(bucket))
    }

    /// Reads an access key's policy.
    /// - Throws: `MalformedPolicy` with the reason.
    package init(keyPolicy text: String) throws(S3Error) {
        try self.init(text, .key)
    }

    private init(_ text: String, _ kind: Kind) throws(S3Error) {
        guard text.utf8.count <= Self.maximumSize else {
            throw .malformedPolicy.with(message: "Policies must not be larger than \(Self.maximumSize) bytes.")
        }
        do {
            let json = try PolicyJSON(text)
            statements = try PolicyReader(kind: kind).statements(json)
        } catch let failure as JSONFailure {
            throw .malformedPolicy.with(message: "Policies must be valid JSON: \(failure.reason).")
        } catch let failure as PolicyReader.Failure {
            throw .malformedPolicy.with(message: failure.reason)
        } catch {
            throw .malformedPolicy
        }
    }
}

/// Makes statements of JSON, refusing what is not of the language instead of reading past it.
private struct PolicyReader {
    struct Failure: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    let kind: PolicyDocument.Kind

    func statements(_ json: PolicyJSON) throws -> [PolicyDocument.Statement] {
        guard case .object(let members) = json else { throw Failure("Policies must be valid JSON and the first byte must be '{'") }
        var variables = false
        var statements: [PolicyDocument.Statement]?
        // The version decides how statements are read, wherever it stands.
        for member in members where member.name == "Version" {
            guard case .string(let version) = member.value, version == "2012-10-17" || version == "2008-10-17" else {
                throw Failure("The policy must contain a valid version string")
            }
            variables = version == "2012-10-17"
        }
        for member in members {
            switch member.name {
            case "Version": break
            case "Id": guard case .string = member.value else { throw Failure("Policy has an invalid Id") }
            case "Statement": statements = try list(member.value).map { try statement($0, variables: variables) }
            default: throw Failure("Unknown field \(member.name)")
            }
        }
        guard let statements, !statements.isEmpty else { throw Failure("Missing required field Statement") }
        return statements
    }

    private func list(_ json: PolicyJSON) -> [PolicyJSON] {
        if case .array(let values) = json { values } else { [json] }
    }

    private func statement(_ json: PolicyJSON, variables: Bool) throws -> PolicyDocument.Statement {
        guard case .object(let members) = json else { throw Failure("A statement must be an object") }
        var isAllow: Bool?
        var principals: PolicyDocument.Principals?
        var actions: PolicyDocument.Actions?
        var resources: PolicyDocument.Resources?
        var conditions: [PolicyCondition] = []
        for member in members {
            switch member.name {
            case "Sid": guard case .string = member.value else { throw Failure("Statement has an invalid Sid") }
            case "Effect":
                switch member.value {
                case .string("Allow"): isAllow = true
                case .string("Deny"): isAllow = false
                default: throw Failure("Invalid effect: only Allow and Deny are possible")
                }
            case "Principal", "NotPrincipal":
                guard case .bucket = kind else { throw Failure("The policy of a key must not name a \(member.name)") }
                guard principals == nil else { throw Failure("Statement has both Principal and NotPrincipal") }
                let list = try principalList(member.value)
                principals = member.name == "Principal" ? .these(list) : .allBut(list)
            case "Action", "NotAction":
                guard actions == nil else { throw Failure("Statement has both Action and NotAction") }
                let list = try texts(member.value, of: member.name).map(action)
                actions = member.name == "Action" ? .these(list) : .allBut(list)
            case "Resource", "NotResource":
                guard resources == nil else { throw Failure("Statement has both Resource and NotResource") }
                let list = try texts(member.value, of: member.name).map { try resource($0, variables: variables) }
                resources = member.name == "Resource" ? .these(list) : .allBut(list)
            case "Condition": conditions = try conditionList(member.value, variables: variables)
            default: throw Failure("Unknown field \(member.name)")
            }
        }
        guard let isAllow else { throw Failure("Missing required field Effect") }
        if case .bucket = kind, principals == nil { throw Failure("Missing required field Principal") }
        // It would give everybody else everything, those among them that have no name yet.
        if isAllow, case .allBut = principals { throw Failure("Allow with NotPrincipal is not allowed") }
        guard let actions else { throw Failure("Missing required field Action") }
        guard let resources else { throw Failure("Missing required field Resource") }
        return PolicyDocument.Statement(
            isAllow: isAllow, principals: principals, actions: actions, resources: resources, conditions: conditions)
    }

    private func texts(_ json: PolicyJSON, of field: String) throws -> [String] {
        let texts = try list(json).map { value in
            guard case .string(let text) = value else { throw Failure("\(field) must be a string or an array of strings") }
            return text
        }
        guard !texts.isEmpty else { throw Failure("\(field) must not be empty") }
        return texts
    }

    private func principalList(_ json: PolicyJSON) throws -> [PolicyPrincipal] {
        if case .string("*") = json { return [.everyone] }
        guard case .object(let members) = json, !members.isEmpty else { throw Failure("Invalid principal in policy") }
        var principals: [PolicyPrincipal] = []
        for member in members {
            for text in try texts(member.value, of: "Principal") {
                switch member.name {
                case "AWS":
                    guard let principal = PolicyPrincipal(aws: text) else { throw Failure("Invalid principal in policy: \(text)") }
                    principals.append(principal)
                case "CanonicalUser": principals.append(.user(text))
                // Nobody comes here as one of these; a deny of everybody else still holds.
                case "Service", "Federated": principals.append(.stranger(text))
                default: throw Failure("Invalid principal in policy: \(member.name)")
                }
            }
        }
        return principals
    }

    private func action(_ text: String) throws -> PolicyPattern {
        let pattern = PolicyPattern(text, wildcards: true, variables: false)
        if text == "*" { return pattern }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else { throw Failure("Policy has invalid action: \(text)") }
        guard parts[0].lowercased() == "s3" else {
            // A key's policy may speak of other services; it is silent about this one then.
            guard case .key = kind else { throw Failure("Policy has invalid action: \(text)") }
            return pattern
        }
        // A name that is none would make a statement that says nothing, and a denial that denies nothing.
        guard S3Action.allCases.contains(where: { pattern.matches($0.rawValue, ignoringCase: true) { _ in nil } }) else {
            throw Failure("Policy has invalid action: \(text)")
        }
        return pattern
    }

    private func resource(_ text: String, variables: Bool) throws -> PolicyPattern {
        let pattern = PolicyPattern(text, wildcards: true, variables: variables)
        guard text != "*" else { return pattern }
        let prefix = "arn:aws:s3:::"
        guard text.hasPrefix(prefix), text.utf8.count > prefix.utf8.count else { throw Failure("Policy has invalid resource: \(text)") }
        guard case .bucket(let name) = kind else { return pattern }
        // The part before the slash has to be able to name this bucket.
        let rest = text.dropFirst(prefix.count)
        let bucket = PolicyPattern(String(rest.prefix { $0 != "/" }), wildcards: true, variables: variables)
        guard bucket.matches(name, { _ in nil }) else { throw Failure("Policy has invalid resource: \(text)") }
        return pattern
    }

    private func conditionList(_ json: PolicyJSON, variables: Bool) throws -> [PolicyCondition] {
        guard case .object(let operators) = json else { throw Failure("Condition must be an object") }
        var conditions: [PolicyCondition] = []
        for member in operators {
            guard let test = PolicyCondition.Test(member.name) else { throw Failure("Invalid condition operator: \(member.name)") }
            guard case .object(let keys) = member.value, !keys.isEmpty else {
                throw Failure("The operator \(member.name) must have an object of keys")
            }
            for key in keys {
                guard ConditionKey.isKnown(key.name) else { throw Failure("Policy has an invalid condition key: \(key.name)") }
                let values = try list(key.value).map { value in
                    switch value {
                    case .string(let text), .number(let text): text
                    case .bool(let value): value ? "true" : "false"
                    default: throw Failure("Invalid value of the condition key \(key.name)")
                    }
                }
                guard !values.isEmpty, let condition = PolicyCondition(test, key.name, values, variables: variables) else {
                    throw Failure("Invalid value of the condition key \(key.name) for \(member.name)")
                }
                conditions.append(condition)
            }
        }
        return conditions
    }
}
