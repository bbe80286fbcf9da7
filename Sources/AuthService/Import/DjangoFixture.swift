import Foundation
import Schemas
import WebAPI

/// `manage.py dumpdata auth.user` in JSON, also of a user model of one's own.
enum DjangoFixture {
    /// - Throws: `ImportedUser.Failure` where the text is no fixture, or has no users.
    static func users(_ data: Data) throws(ImportedUser.Failure) -> [ImportedUser] {
        guard let value = try? JSONValue(parsing: data), case .array(let objects) = value else {
            throw ImportedUser.Failure(description: "the file is no JSON of dumpdata")
        }
        // Groups by their number, where they are in the file too.
        var groups: [String: String] = [:]
        for object in objects where object["model"]?.string == "auth.group" {
            if let key = object["pk"]?.json, let name = object["fields"]?["name"]?.string { groups[key] = name }
        }
        let users = objects.filter { object in
            // A user of any model has a username and a password.
            object["fields"]?["username"]?.string != nil && object["fields"]?["password"]?.string != nil
        }
        guard !users.isEmpty else { throw ImportedUser.Failure(description: "the file has no users") }
        return users.map { user($0, groups) }
    }

    private static func user(_ object: JSONValue, _ groups: [String: String]) -> ImportedUser {
        let fields = object["fields"] ?? .null
        var user = ImportedUser()
        user.key = object["pk"]?.string ?? object["pk"]?.json ?? ""
        user.username = fields["username"]?.string ?? ""
        user.email = fields["email"]?.string ?? ""
        user.firstName = fields["first_name"]?.string ?? ""
        user.lastName = fields["last_name"]?.string ?? ""
        user.password = fields["password"]?.string ?? ""
        user.isActive = fields["is_active"]?.bool ?? true
        user.created = fields["date_joined"]?.string.flatMap { Timestamp.milliseconds($0) }
        user.lastLogin = fields["last_login"]?.string.flatMap { Timestamp.milliseconds($0) }
        var roles: Set<Role> = []
        for name in ["role", "rol", "user_type"] { if let role = fields[name]?.string.flatMap(ImportedUser.role) { roles.insert(role) } }
        for group in fields["groups"]?.elements ?? [] {
            // A number, or a natural key: a list of the name.
            let name = group.elements.first?.string ?? group.string ?? groups[group.json]
            // Staff are told by their flag alone.
            if let role = name.flatMap(ImportedUser.role), role != .staff { roles.insert(role) }
        }
        if fields["is_staff"]?.bool == true || fields["is_superuser"]?.bool == true { roles.insert(.staff) }
        user.roles = roles.isEmpty ? [.consumer] : roles
        return user
    }
}
