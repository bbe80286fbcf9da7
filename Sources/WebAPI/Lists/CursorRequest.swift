import Foundation
import Hummingbird
import Persistence

/// Cursor pagination in Django REST Framework's form, for endless lists: newest first, and stable while new things come. The things'
/// ids are UUIDv7s, which sort by time, so that an id is the cursor.
public struct CursorRequest: Sendable, Equatable {
    public let pageSize: Int
    private let position: Position?

    private struct Position: Sendable, Equatable {
        let id: String
        /// Towards what is newer.
        let isBackward: Bool
    }

    /// Reads `cursor` and `page_size`.
    /// - Throws: `APIError` 404 `Invalid cursor`, as DRF has it.
    public init(_ call: Call, defaultSize: Int = 20, maximumSize: Int = 100) throws(APIError) {
        pageSize = PageRequest.size(call.request, defaultSize, maximumSize)
        position = try call.parameters.string("cursor").map { text throws(APIError) in
            guard let bytes = Base64URL.decode(text), let plain = String(validating: bytes, as: UTF8.self),
                let direction = plain.first, direction == "<" || direction == ">", UUIDv7.isValid(String(plain.dropFirst()))
            else { throw APIError(.notFound, code: "not_found", detail: "Invalid cursor") }
            return Position(id: String(plain.dropFirst()), isBackward: direction == ">")
        }
    }

    /// Adds what bounds the page to a query's conditions.
    /// - Returns: the clauses behind them; one row more than the page is asked for, to know whether there is more.
    public func clauses(column: String = "id", _ filter: inout SQLFilter) -> String {
        if let position { filter.add("\(column) \(position.isBackward ? ">" : "<") ?", SQLValue(position.id)) }
        return "ORDER BY \(column) \(position?.isBackward == true ? "ASC" : "DESC") LIMIT \(pageSize + 1)"
    }

    /// The page of the rows that the query found.
    public func page<Row>(_ rows: [Row]) -> CursorPage<Row> {
        let isBackward = position?.isBackward == true
        let hasMore = rows.count > pageSize
        let kept = Array(rows.prefix(pageSize))
        return CursorPage(
            rows: isBackward ? kept.reversed() : kept, hasNewer: isBackward ? hasMore : position != nil, hasOlder: isBackward || hasMore)
    }
}

/// Rows of an endless list, newest first.
public struct CursorPage<Row> {
    public let rows: [Row]
    let hasNewer: Bool
    let hasOlder: Bool

    /// `{"next", "previous", "results"}`.
    /// - Parameter item: id and JSON text of a row.
    public func body(request: Request, base: String, _ item: (Row) -> (id: String, json: String)) -> String {
        let items = rows.map(item)
        func link(_ sign: String, _ id: String?) -> String {
            guard let id else { return "null" }
            let kept = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("cursor=") && $0 != "cursor" }.map(
                String.init)
            let cursor = "cursor=" + Base64URL.encode((sign + id).utf8)
            return JSONText.string(base + request.uri.path + "?" + (kept + [cursor]).joined(separator: "&"))
        }
        return JSONText.object([
            ("next", link("<", hasOlder ? items.last?.id : nil)), ("previous", link(">", hasNewer ? items.first?.id : nil)),
            ("results", "[" + items.map(\.json).joined(separator: ",") + "]"),
        ])
    }
}
