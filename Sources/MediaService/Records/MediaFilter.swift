import Hummingbird
import Persistence
import WebAPI

/// The WHERE clause of a media list: what the request asks for, within what its reader may see.
package struct MediaFilter: Sendable {
    private var clauses: [String] = []
    package private(set) var arguments: [SQLValue] = []

    package var clause: String { clauses.isEmpty ? "" : "WHERE " + clauses.joined(separator: " AND ") }

    /// - Throws: `APIError` 400 that names the parameter.
    package init(_ request: Request, reader: Principal?) throws(APIError) {
        // Others see what is public; a failed item is its owner's business.
        if let reader {
            let owner = place(SQLValue(reader.subject))
            clauses.append("(owner = \(owner) OR (visibility = 'public' AND status <> 'failed'))")
        } else {
            clauses.append("visibility = 'public' AND status <> 'failed'")
        }
        let parameters = request.uri.queryParameters
        // PostgreSQL and SQLite alike have no text with U+0000 in it.
        for (name, value) in parameters where value.utf8.contains(0) {
            throw .invalid(String(name), "Null characters are not allowed.")
        }
        func value(_ name: String) -> String? { parameters[Substring(name)].map(String.init).flatMap { $0.isEmpty ? nil : $0 } }

        if let kind = value("kind") { clauses.append("kind = \(place(SQLValue(kind)))") }
        if let owner = value("owner") { clauses.append("owner = \(place(SQLValue(owner)))") }
        if let purpose = value("purpose") { clauses.append("purpose = \(place(SQLValue(purpose)))") }
        if let status = value("status") {
            guard MediaStatus(rawValue: status) != nil else { throw .invalid("status", "\"\(status)\" is not a valid choice.") }
            clauses.append("status = \(place(SQLValue(status)))")
        }
        if let visibility = value("visibility") {
            guard Visibility(rawValue: visibility) != nil else { throw .invalid("visibility", "\"\(visibility)\" is not a valid choice.") }
            clauses.append("visibility = \(place(SQLValue(visibility)))")
        }
        for (name, comparison) in [("created_after", ">="), ("created_before", "<")] {
            guard let text = value(name) else { continue }
            guard let time = Timestamp.milliseconds(text) else {
                throw .invalid(name, "Enter a valid date or time in ISO 8601, such as 2026-11-24 or 2026-11-24T08:00:00Z.")
            }
            clauses.append("created \(comparison) \(place(SQLValue(time)))")
        }
        // Every word has to stand somewhere, as DRF's SearchFilter has it.
        for word in (value("search") ?? "").split(whereSeparator: \.isWhitespace).prefix(8) {
            let escaped = word.lowercased().replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
            let pattern = place(SQLValue("%\(escaped)%"))
            let columns = ["title", "alt", "filename"].map { "LOWER(\($0)) LIKE \(pattern) ESCAPE '\\'" }
            clauses.append("(" + columns.joined(separator: " OR ") + ")")
        }
    }

    private mutating func place(_ value: SQLValue) -> String {
        arguments.append(value)
        return "$\(arguments.count)"
    }
}
