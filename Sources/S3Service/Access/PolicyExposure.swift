import Foundation
import WebAPI

extension PolicyDocument {
    /// Whether it gives anything to callers that it does not name (S3 User Guide, "The meaning of 'public'"): an Allow of everybody that
    /// no condition narrows down to values that are known.
    package var isPublic: Bool { statements.contains { $0.isPublic } }
}

extension PolicyDocument.Statement {
    /// Keys whose fixed values say whose callers they are, in lower case.
    private static let narrowing: Set<String> = [
        "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "aws:principalorgid",
        "aws:principalorgpaths", "aws:principalarn", "aws:principalaccount", "aws:userid", "aws:username", "aws:sourceip",
        "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
    ]

    fileprivate var isPublic: Bool {
        guard isAllow else { return false }
        switch principals {
        case .these(let list): guard list.contains(.everyone) else { return false }
        case .allBut: break
        case nil: return false
        }
        return !conditions.contains { $0.narrows(Self.narrowing) }
    }
}

extension PolicyCondition {
    fileprivate func narrows(_ keys: Set<String>) -> Bool {
        guard keys.contains(key.lowercased()), !test.isNegated, !test.ifExists, test.quantifier != .forAllValues else { return false }
        switch test.comparison {
        case .stringEquals, .stringEqualsIgnoreCase, .stringLike, .arnLike:
            return values.allSatisfy { $0.isLiteral && !$0.text.isEmpty }
        // A network as wide as an eighth of the Internet of its kind is everybody.
        case .ipAddress:
            return values.allSatisfy { value in
                let parts = value.text.split(separator: "/")
                guard let base = parts.first else { return false }
                guard parts.count == 2, let bits = Int(parts[1]) else { return true }
                return bits >= (base.contains(":") ? 32 : 8)
            }
        default: return false
        }
    }
}
