import Foundation

/// Full-text search that is the same on every engine: a table of the words of each thing. Words are folded: case and accents do not count
/// (`vacunación` is found by `VACUNACION`), nor does a Spanish plural; the last letters of a word may be left out (`vac` finds `vacas`).
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

    /// Makes a thing found by the words of the texts, and by no others.
    public func put(_ id: String, _ texts: [String], on connection: any SQLConnection) throws {
        try remove(id, on: connection)
        for word in Set(texts.flatMap(Self.fold)).sorted().prefix(Self.words) {
            try connection.execute("INSERT INTO \(table) (word, id) VALUES ($1, $2)", [SQLValue(word), SQLValue(id)])
        }
    }

    public func remove(_ id: String, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM \(table) WHERE id = $1", [SQLValue(id)])
    }

    /// Every word of the query has to be one of the thing's, or its beginning. A query without words finds all.
    /// - Parameter column: that holds the thing's id.
    public func filter(_ query: String, column: String = "id", _ filter: inout SQLFilter) {
        for word in Self.fold(query).prefix(Self.queryWords) {
            // U+10FFFF is behind every letter.
            filter.add("\(column) IN (SELECT id FROM \(table) WHERE word >= ? AND word < ?)", SQLValue(word), SQLValue(word + "\u{10FFFF}"))
        }
    }

    /// The words of a text, folded, in their order.
    package static func fold(_ text: String) -> [String] {
        let plain = text.lowercased().decomposedStringWithCompatibilityMapping.unicodeScalars.filter {
            $0.properties.generalCategory != .nonspacingMark
        }
        return String(String.UnicodeScalarView(plain)).split { !$0.isLetter && !$0.isNumber }.map { singular(String($0.prefix(letters))) }
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
