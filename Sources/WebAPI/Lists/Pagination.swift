import Hummingbird

/// Page-number pagination in Django REST Framework's form.
public struct PageRequest: Sendable, Equatable {
    /// From 1.
    public let page: Int
    public let pageSize: Int

    public var offset: Int { (page - 1) * pageSize }

    /// Reads `page` and `page_size`. A size above the maximum is the maximum, and what is no size is as good as none, as DRF has it.
    /// - Throws: `APIError` 404 `Invalid page.` where `page` is not a whole number from 1 on.
    public init(_ request: Request, defaultSize: Int = 20, maximumSize: Int = 100) throws(APIError) {
        page = try Self.page(request)
        pageSize = Self.size(request, defaultSize, maximumSize)
    }

    /// What `page_size` asks for.
    static func size(_ request: Request, _ defaultSize: Int, _ maximumSize: Int) -> Int {
        guard let text = request.uri.queryParameters["page_size"] else { return defaultSize }
        // Digits beyond what an Int holds are a number all the same.
        guard let size = Int(text) ?? (text.utf8.allSatisfy { (0x30...0x39).contains($0) } && !text.isEmpty ? Int.max : nil), size >= 1
        else { return defaultSize }
        return min(size, maximumSize)
    }

    private static func page(_ request: Request) throws(APIError) -> Int {
        guard let text = request.uri.queryParameters["page"], !text.isEmpty else { return 1 }
        guard let page = Int(text), (1...1_000_000_000).contains(page) else { throw invalidPage }
        return page
    }

    static var invalidPage: APIError { APIError(.notFound, code: "not_found", detail: "Invalid page.") }

    /// `{"count", "next", "previous", "results"}`.
    ///
    /// - Parameters:
    ///   - results: JSON texts of the page's items.
    ///   - count: items in all.
    ///   - base: what the links begin with: scheme, host and port.
    /// - Throws: 404 where the page lies behind the last.
    public func body(_ results: [String], count: Int, request: Request, base: String) throws(APIError) -> String {
        if page > 1, offset >= count { throw Self.invalidPage }
        let next = offset + results.count < count ? JSONText.string(link(page + 1, request, base)) : "null"
        let previous = page > 1 ? JSONText.string(link(page - 1, request, base)) : "null"
        return JSONText.object([
            ("count", "\(count)"), ("next", next), ("previous", previous), ("results", "[" + results.joined(separator: ",") + "]"),
        ])
    }

    private func link(_ page: Int, _ request: Request, _ base: String) -> String {
        var pairs = (request.uri.query ?? "").split(separator: "&").map(String.init).filter { !$0.hasPrefix("page=") && $0 != "page" }
        if page > 1 { pairs.append("page=\(page)") }
        return base + request.uri.path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }
}

/// What a list's `ordering` parameter may say.
public struct Ordering: Sendable {
    /// An ORDER BY clause's text, made of the columns that were allowed and nothing else.
    public let clause: String

    /// - Parameters:
    ///   - columns: the API's field names and the SQL columns behind them.
    ///   - fallback: the ordering where none is asked for, in the parameter's own form, such as `-created`.
    ///   - tieBreaker: a unique column that makes pages stable.
    /// - Throws: 400 for a field that is not among them.
    public init(_ request: Request, columns: [String: String], fallback: String, tieBreaker: String) throws(APIError) {
        try self.init(request, names: columns.keys, fallback: fallback, tieBreaker: tieBreaker) { Column(columns[$0] ?? tieBreaker) }
    }

    /// What a name orders by.
    public struct Column: Sendable {
        let expression: String
        let isDownward: Bool

        /// - Parameters:
        ///   - expression: SQL of this program's own.
        ///   - isDownward: whether the name without a `-` means the largest first, as of relevance.
        public init(_ expression: String, isDownward: Bool = false) {
            self.expression = expression
            self.isDownward = isDownward
        }
    }

    /// - Parameters:
    ///   - names: the API's field names.
    ///   - column: called for those alone that are ordered by, once each, so that it may take values into the statement: PostgreSQL refuses
    ///     values that a statement does not use.
    /// - Throws: 400 for a field that is not among them.
    public init(
        _ request: Request, names: some Collection<String>, fallback: String, tieBreaker: String, column: (String) -> Column
    ) throws(APIError) {
        let text = request.uri.queryParameters["ordering"].map(String.init).flatMap { $0.isEmpty ? nil : $0 } ?? fallback
        var terms: [String] = []
        var isDescending = false
        var named: Set<String> = []
        for field in text.split(separator: ",") {
            let isReversed = field.hasPrefix("-")
            let name = String(isReversed ? field.dropFirst() : field)
            guard names.contains(name) else {
                throw .invalid("ordering", "\"\(name)\" is not one of the fields to order by: \(names.sorted().joined(separator: ", ")).")
            }
            // A field orders where it first stands; thousands of repetitions must not become thousands of terms.
            guard named.insert(name).inserted else { continue }
            let column = column(name)
            isDescending = isReversed != column.isDownward
            terms.append(column.expression + (isDescending ? " DESC" : ""))
        }
        terms.append(tieBreaker + (isDescending ? " DESC" : ""))
        clause = terms.joined(separator: ", ")
    }
}
