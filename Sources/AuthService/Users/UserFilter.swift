import Persistence
import WebAPI

/// Which accounts a list is of.
package struct UserFilter: Sendable {
    let clause: String
    let arguments: [SQLValue]

    /// - Parameter search: a part of username, names or address, without case.
    package init(search: String? = nil, role: Role? = nil, isActive: Bool? = nil) {
        var (conditions, arguments): ([String], [SQLValue]) = ([], [])
        func argument(_ value: SQLValue) -> String {
            arguments.append(value)
            return "$\(arguments.count)"
        }
        if let search, !search.isEmpty {
            let escaped = search.lowercased().replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
            let pattern = argument(SQLValue("%\(escaped)%"))
            conditions.append(
                "(username_key LIKE \(pattern) ESCAPE '\\' OR email_key LIKE \(pattern) ESCAPE '\\' "
                    + "OR LOWER(first_name || ' ' || last_name) LIKE \(pattern) ESCAPE '\\')")
        }
        if let role {
            // Roles stand between commas, and no name of one is within another's.
            conditions.append("',' || roles || ',' LIKE \(argument(SQLValue("%,\(role.rawValue),%")))")
        }
        if let isActive { conditions.append("active = \(argument(SQLValue(isActive)))") }
        clause = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        self.arguments = arguments
    }
}

extension UserTable {
    /// - Parameter ordering: an ORDER BY clause's text.
    package static func list(
        _ filter: UserFilter, ordering: String, limit: Int, offset: Int, on connection: any SQLConnection
    ) throws -> [User] {
        try connection.query(
            "SELECT \(columns) FROM users \(filter.clause) ORDER BY \(ordering) LIMIT \(limit) OFFSET \(offset)", filter.arguments
        ).map(user)
    }

    package static func count(_ filter: UserFilter, on connection: any SQLConnection) throws -> Int {
        try connection.query("SELECT COUNT(*) AS users FROM users \(filter.clause)", filter.arguments).first?.int("users") ?? 0
    }
}
