import Persistence
import Schemas
import WebAPI

/// The WHERE clause of a media list: what the request asks for, within what its reader may see.
package struct MediaFilter: Sendable {
    private var clauses: [String] = []
    package private(set) var arguments: [SQLValue] = []

    package var clause: String { clauses.isEmpty ? "" : "WHERE " + clauses.joined(separator: " AND ") }

    private static let time = JSONSchema.oneOf(.dateTime, .string(format: .date))
    /// What a list can be asked for, beside order and page.
    package static let parameters: [Parameter] = [
        .search, .query("kind", .choice(["image", "video"]), "Photo or video"),
        .query("status", .choice(MediaStatus.self), "How far it is"), .query("owner", .string(1...200), "Id of the owner"),
        .query("visibility", .choice(Visibility.self), "Who sees it"),
        .query("purpose", .string(1...MediaFields.purposeLength), "What it is for"),
        .query("created_after", time, "A time or a day in ISO 8601, from then on"),
        .query("created_before", time, "A time or a day in ISO 8601, before then"),
    ]

    /// - Parameter values: of these parameters.
    package init(_ values: ParameterValues, reader: Principal?) {
        // Others see what is public; a failed item is its owner's business.
        if let reader {
            let owner = place(SQLValue(reader.subject))
            clauses.append("(owner = \(owner) OR (visibility = 'public' AND status <> 'failed'))")
        } else {
            clauses.append("visibility = 'public' AND status <> 'failed'")
        }
        for name in ["kind", "owner", "purpose", "status", "visibility"] {
            if let value = values.string(name) { clauses.append("\(name) = \(place(SQLValue(value)))") }
        }
        for (name, comparison) in [("created_after", ">="), ("created_before", "<")] {
            guard let time = values.string(name).flatMap({ Timestamp.milliseconds($0) }) else { continue }
            clauses.append("created \(comparison) \(place(SQLValue(time)))")
        }
        // Every word has to stand somewhere, as DRF's SearchFilter has it.
        for word in (values.string("search") ?? "").split(whereSeparator: \.isWhitespace).prefix(8) {
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
