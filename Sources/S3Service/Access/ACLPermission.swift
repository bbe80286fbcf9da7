/// What a grant of an access control list gives.
package enum ACLPermission: String, Sendable, Hashable, Codable, CaseIterable {
    case read = "READ"
    case write = "WRITE"
    case readACP = "READ_ACP"
    case writeACP = "WRITE_ACP"
    case fullControl = "FULL_CONTROL"

    func gives(_ other: ACLPermission) -> Bool { self == other || self == .fullControl }
}
