import HTTPTypes
import S3Wire

/// Grants as requests carry them, in XML or in headers; users are looked up.
package struct GrantReading: Sendable {
    let users: UserDirectory

    package init(users: UserDirectory) { self.users = users }

    /// `<AccessControlPolicy>`.
    /// - Returns: the owner that the document names, and its list.
    /// - Throws: `S3Error`: `MalformedACLError`, `InvalidArgument` for a user or group that is not there,
    ///   `UnresolvableGrantByEmailAddress`.
    package func list(xml root: XMLElement) async throws -> (owner: String, list: AccessControlList) {
        guard root.name == "AccessControlPolicy", let owner = root["Owner"]?["ID"]?.text, !owner.isEmpty,
            let entries = root["AccessControlList"]
        else { throw S3Error.malformedACL }
        guard entries.children.count <= AccessControlList.maximumGrants else {
            throw S3Error.malformedACL.with(message: "An access control list has at most \(AccessControlList.maximumGrants) grants.")
        }
        var grants: [AccessControlList.Grant] = []
        for entry in entries.children {
            guard entry.name == "Grant", let grantee = entry["Grantee"],
                let permission = ACLPermission(rawValue: entry["Permission"]?.text ?? "")
            else { throw S3Error.malformedACL }
            grants.append(.init(try await self.grantee(xml: grantee), permission))
        }
        return (owner, AccessControlList(grants: grants))
    }

    private func grantee(xml: XMLElement) async throws -> AccessControlList.Grantee {
        // The type says which child counts; without one, the child does.
        let type = xml.attributes["type"] ?? xml.attributes["xsi:type"]
        if type == "Group" || type == nil, let uri = xml["URI"]?.text { return try group(uri) }
        if type == "CanonicalUser" || type == nil, let id = xml["ID"]?.text { return try await user(id) }
        if type == "AmazonCustomerByEmail" || type == nil, let email = xml["EmailAddress"]?.text { return try await user(email: email) }
        throw S3Error.malformedACL
    }

    private func group(_ uri: String) throws -> AccessControlList.Grantee {
        guard let group = AccessControlList.Group(rawValue: uri) else {
            throw S3Error.invalidArgument.with(message: "Invalid group uri").with(field: "ArgumentName", "uri")
                .with(field: "ArgumentValue", uri)
        }
        return .group(group)
    }

    private func user(_ id: String) async throws -> AccessControlList.Grantee {
        guard try await users.exists(id) else {
            throw S3Error.invalidArgument.with(message: "Invalid id").with(field: "ArgumentName", "CanonicalUser/ID")
                .with(field: "ArgumentValue", id)
        }
        return .user(id)
    }

    private func user(email: String) async throws -> AccessControlList.Grantee {
        guard let id = try await users.named(email) else { throw S3Error.unresolvableGrantByEmailAddress }
        return .user(id)
    }

    /// What the headers of a request ask for.
    package enum Wish: Sendable, Hashable {
        case none
        case canned(CannedACL)
        /// In the order READ, WRITE, READ_ACP, WRITE_ACP, FULL_CONTROL, whatever the order of the headers.
        case grants(AccessControlList)
    }

    private static let headers: [(field: HTTPField.Name, permission: ACLPermission)] = [
        (HTTPField.Name("x-amz-grant-read")!, .read), (HTTPField.Name("x-amz-grant-write")!, .write),
        (HTTPField.Name("x-amz-grant-read-acp")!, .readACP), (HTTPField.Name("x-amz-grant-write-acp")!, .writeACP),
        (HTTPField.Name("x-amz-grant-full-control")!, .fullControl),
    ]

    /// `x-amz-acl` or `x-amz-grant-*`.
    /// - Parameter parameters: of a presigned address, which may carry these headers.
    /// - Throws: `S3Error`: `InvalidRequest` where both are there, `InvalidArgument`, `UnresolvableGrantByEmailAddress`.
    package func wish(_ fields: HTTPFields, parameters: [(name: String, value: String)] = []) async throws -> Wish {
        func value(_ field: HTTPField.Name) -> String? {
            fields[field] ?? parameters.first { $0.name.lowercased() == field.canonicalName }?.value
        }
        let canned = value(HTTPField.Name("x-amz-acl")!)
        var list = AccessControlList(grants: [])
        for (field, permission) in Self.headers {
            guard let text = value(field) else { continue }
            for entry in text.split(separator: ",") {
                list.grants.append(.init(try await grantee(header: entry.trimmingSpaces()), permission))
            }
        }
        guard list.grants.count <= AccessControlList.maximumGrants else {
            throw S3Error.invalidArgument.with(message: "An access control list has at most \(AccessControlList.maximumGrants) grants.")
        }
        if let canned {
            guard list.grants.isEmpty else {
                throw S3Error.invalidRequest.with(message: "Specifying both Canned ACLs and Header Grants is not allowed")
            }
            guard let known = CannedACL(rawValue: canned) else {
                throw S3Error.invalidArgument.with(field: "ArgumentName", "x-amz-acl").with(field: "ArgumentValue", canned)
            }
            return .canned(known)
        }
        return list.grants.isEmpty ? .none : .grants(list)
    }

    /// `id="…"`, `uri="…"` or `emailAddress="…"`, with or without quotation marks.
    private func grantee(header text: String) async throws -> AccessControlList.Grantee {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw S3Error.invalidArgument.with(message: "Argument format not recognized") }
        var value = parts[1].trimmingSpaces()
        if value.utf8.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") { value = String(value.dropFirst().dropLast()) }
        switch parts[0].trimmingSpaces().lowercased() {
        case "id": return try await user(value)
        case "uri": return try group(value)
        case "emailaddress": return try await user(email: value)
        default: throw S3Error.invalidArgument.with(message: "Argument format not recognized")
        }
    }
}
