import Foundation

/// Full-text search that is the same on every engine: a table of the words of each thing. Words are folded: case and accents do not count
/// (`vacunación` is found by `VACUNACION`), nor does a Spanish plural; the last letters of a word may be left out (`vac` finds `vacas`).
///
/// What is found can be ranked: words of a title count more than those of its details, and those more than words of a description; within one
/// of them a whole word counts more than a beginning; where that is the same, the thing with more words that were found is before the other.
public struct SearchIndex: Sendable {
    private let table: String

    /// Words of one thing that are kept, and letters of a word.
    static let words = 2000
    static let letters = 40
    /// Words of a query that count.
    static let queryWords = 8

    /// - Parameter table: a name of this program's own.
    public init(table: String) { self.table = table }

    public func migration(_ name: String) -> Migration {
        Migration(name) { [table] dialect in
            // A range over words is a prefix only where bytes are compared.
            let (word, end) = dialect == .postgresql ? ("TEXT COLLATE \"C\" NOT NULL", "") : ("TEXT NOT NULL", " WITHOUT ROWID")
            return """
                CREATE TABLE \(table) (word \(word), id TEXT NOT NULL, PRIMARY KEY (word, id))\(end);
                CREATE INDEX \(table)_ids ON \(table) (id);
                """
        }
    }

    /// The migration that ranks; what was indexed before it is indexed anew, in time (`refresh`).
    public func rankMigration(_ name: String) -> Migration {
        Migration(
            name,
            """
            ALTER TABLE \(table) ADD COLUMN weight BIGINT NOT NULL DEFAULT 1;
            CREATE TABLE \(table)_stale (id TEXT PRIMARY KEY);
            INSERT INTO \(table)_stale (id) SELECT DISTINCT id FROM \(table);
            """)
    }

    /// What a word of each kind of text counts.
    private enum Weight {
        static let description = 1
        static let detail = 2
        static let title = 3
    }

    /// Makes a thing found by the words of the texts, and by no others. Where they are more than are kept, those that count more stay.
    public func put(
        _ id: String, title: [String] = [], details: [String] = [], description: [String] = [], on connection: any SQLConnection
    ) throws {
        try remove(id, on: connection)
        var weights: [String: Int] = [:]
        for (texts, weight) in [(description, Weight.description), (details, Weight.detail), (title, Weight.title)] {
            for word in texts.flatMap(Self.fold) { weights[word] = weight }
        }
        for (word, weight) in weights.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(Self.words) {
            try connection.execute(
                "INSERT INTO \(table) (word, id, weight) VALUES ($1, $2, $3)", [SQLValue(word), SQLValue(id), SQLValue(weight)])
        }
    }

    public func remove(_ id: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM \(table) WHERE id = $1", [SQLValue(id)])
        try connection.execute("DELETE FROM \(table)_stale WHERE id = $1", [SQLValue(id)])
    }

    // MARK: Indexing anew

    /// Notes that things are to be indexed anew: what they are found by has changed elsewhere.
    /// - Parameter select: one column of ids, with a WHERE.
    public func markStale(_ select: String, _ arguments: [SQLValue], on connection: any SQLConnection) throws {
        try connection.execute("INSERT INTO \(table)_stale (id) \(select) ON CONFLICT (id) DO NOTHING", arguments)
    }

    /// Indexes some of those things anew, in one transaction.
    /// - Parameter index: puts the thing of an id, where it is still there.
    /// - Returns: whether there may be more.
    public func refresh(
        _ database: any Database, atMost batch: Int = 100, index: @escaping @Sendable (String, any SQLConnection) throws -> Void
    ) async throws -> Bool {
        let select = "SELECT id FROM \(table)_stale ORDER BY id LIMIT \(batch)"
        // Looking first keeps an idle server from writing.
        guard try await !database.read({ try $0.query(select).isEmpty }) else { return false }
        return try await database.write { [table] connection in
            let ids = try connection.query(select).map { try $0.text("id") }
            for id in ids {
                try index(id, connection)
                try connection.execute("DELETE FROM \(table)_stale WHERE id = $1", [SQLValue(id)])
            }
            return ids.count == batch
        }
    }

    // MARK: Finding

    /// Every word of the query has to be one of the thing's, or its beginning. A query without words finds all.
    /// - Parameter column: that holds the thing's id.
    public func filter(_ query: String, column: String = "id", _ filter: inout SQLFilter) {
        for word in Self.distinctWords(of: query) {
            filter.add("\(column) IN (SELECT id FROM \(table) WHERE word >= ? AND word < ?)", SQLValue(word), SQLValue(word + Self.end))
        }
    }

    /// SQL that ranks what `filter` finds: a JOIN, and the expression that is greater the better a thing fits. Nil for a query without words,
    /// to which everything is the same.
    public func rank(
        _ query: String, column: String = "id", _ filter: inout SQLFilter
    ) -> (join: String, score: String)? {
        let words = Self.distinctWords(of: query)
        guard !words.isEmpty else { return nil }
        let parts = words.map { word in
            let (start, end) = (filter.place(SQLValue(word)), filter.place(SQLValue(word + Self.end)))
            // The best place that the word stands in, and behind it how many words it finds: never so many as to outweigh a place.
            return """
                SELECT id, MAX(2 * weight + CASE WHEN word = \(start) THEN 1 ELSE 0 END) * \(Self.outweighing) + COUNT(*) AS score
                FROM \(table) WHERE word >= \(start) AND word < \(end) GROUP BY id
                """
        }
        let join = """
            JOIN (SELECT id AS thing, SUM(score) AS score FROM (\(parts.joined(separator: " UNION ALL "))) AS words GROUP BY id) AS ranked
            ON ranked.thing = \(column)
            """
        return (join, "ranked.score")
    }

    /// U+10FFFF is behind every letter.
    private static let end = "\u{10FFFF}"
    /// More than all words of a thing for all words of a query.
    private static let outweighing = words * queryWords * 2

    /// Each once: who writes a word twice looks for nothing else.
    private static func distinctWords(of query: String) -> [String] {
        var seen: Set<String> = []
        return Array(fold(query).filter { seen.insert($0).inserted }.prefix(queryWords))
    }

    /// The words of a text, folded, in their order.
    package static func fold(_ text: String) -> [String] {
        let plain = text.lowercased().decomposedStringWithCompatibilityMapping.unicodeScalars.filter {
            $0.properties.generalCategory != .nonspacingMark
        }
        return String(String.UnicodeScalarView(plain)).split { !$0.isLetter && !$0.isNumber }.map { word in
            // By scalars: a character may have any number of marks.
            singular(Self.text(word.unicodeScalars.prefix(letters)))
        }
    }

    /// Without the ending of a Spanish plural (Real Academia Española, Nueva gramática 3.2): `vacas`, `motores`, `veces`.
    private static func singular(_ word: String) -> String {
        let letters = Array(word.unicodeScalars)
        guard letters.count > 3, letters.last == "s" else { return word }
        let stem = letters.dropLast()
        guard stem.last == "e" else { return "aiou".unicodeScalars.contains(stem.last!) ? text(stem) : word }
        let root = stem.dropLast()
        // Behind n, r, l, d, j, y the plural has taken an e; what ended in z has become c. Elsewhere the e was there before.
        switch root.last {
        case "c": return text(root.dropLast() + ["z"])
        case "n", "r", "l", "d", "j", "y": return text(root)
        default: return text(stem)
        }
    }

    private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
