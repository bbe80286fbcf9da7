import Foundation

/// An access control list: who may do what beside the owner (S3 User Guide, "Access control list (ACL) overview").
package struct AccessControlList: Sendable, Hashable, Codable {
    /// Grants of one list, at most.
    static let maximumGrants = 100

    package struct Grant: Sendable, Hashable, Codable {
        package var grantee: Grantee
        package var permission: ACLPermission

        package init(_ grantee: Grantee, _ permission: ACLPermission) {
            self.grantee = grantee
            self.permission = permission
        }
    }

    package enum Grantee: Sendable, Hashable, Codable {
        case user(String)
        case group(Group)
    }

    package enum Group: String, Sendable, Hashable, Codable {
        case allUsers = "http://acs.amazonaws.com/groups/global/AllUsers"
        case authenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
        /// Who would write logs; nobody here.
        case logDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery"

        func contains(_ user: String?) -> Bool {
            switch self {
            case .allUsers: true
            case .authenticatedUsers: user != nil
            case .logDelivery: false
            }
        }

        /// Whether it holds callers that nobody has named.
        var isPublic: Bool { self != .logDelivery }
    }

    package var grants: [Grant]

    package init(grants: [Grant]) { self.grants = grants }

    /// What a bucket or an object has that was made without a list.
    package static func ownerOnly(_ owner: String) -> AccessControlList { .init(grants: [.init(.user(owner), .fullControl)]) }

    /// Whether it grants anything to everybody, or to everybody with a name.
    package var isPublic: Bool {
        grants.contains { grant in
            if case .group(let group) = grant.grantee { group.isPublic } else { false }
        }
    }

    /// - Parameters:
    ///   - user: nil for an anonymous caller.
    ///   - ignoringPublic: as the bucket's `IgnorePublicAcls` has it.
    package func gives(_ permission: ACLPermission, to user: String?, ignoringPublic: Bool = false) -> Bool {
        grants.contains { grant in
            guard grant.permission.gives(permission) else { return false }
            return switch grant.grantee {
            case .user(let name): name == user
            case .group(let group): group.contains(user) && !(ignoringPublic && group.isPublic)
            }
        }
    }

    // MARK: As it is stored

    /// - Throws: where the text was not written by `stored`.
    init(stored text: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(text.utf8)) }

    var stored: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Strings and enums of strings: nothing in it can fail to encode.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{\"grants\":[]}"
    }
}
