import Persistence

/// A walk over keys in the order of their UTF-8 bytes, that tells keys with a common prefix as one: what all lists share.
///
/// Rows under a common prefix that has been told are passed over; where there are many, the walk begins again behind them, so that a prefix
/// costs the same whatever is under it.
struct KeyWalk {
    private let prefix: String
    private let delimiter: String
    private let limit: Int

    /// Where rows are to begin; nil: there can be none.
    private(set) var start: Start?
    /// Behind all keys with the prefix; nil: there is no such key.
    let end: String?

    /// How many items and common prefixes were told.
    private(set) var count = 0
    /// There is more than was told.
    private(set) var isTruncated = false
    private(set) var commonPrefixes: [String] = []
    /// The last item or common prefix.
    private(set) var last: String?
    private var current: String?
    private var passedOver = 0

    struct Start {
        var key: String
        /// Whether the key itself is among what follows.
        var isIncluded: Bool
        /// Rows of the key itself follow from here: behind this version or upload.
        var id: String?
    }

    /// What to do with a row.
    enum Step {
        case take
        case passOver
        /// No more rows of this reading.
        case stop
    }

    /// Rows under one common prefix that are read before the walk begins again behind them: as many as cost what that does, and few once
    /// a prefix has had as many, since folders of one level are mostly alike.
    private var patience = Self.fullPatience
    private static let fullPatience = 24
    private static let littlePatience = 2

    init(_ query: VersionedObjectStore.ListQuery) {
        prefix = query.prefix
        delimiter = query.delimiter ?? ""
        limit = max(0, query.limit)
        end = Self.successor(of: query.prefix)
        start = Start(key: query.prefix, isIncluded: true)
        guard let after = query.after, Self.precedes(query.prefix, after) || Self.isSame(query.prefix, after) else { return }
        if let folded = commonPrefix(of: after) {
            start = Self.successor(of: folded).map { Start(key: $0, isIncluded: true) }
        } else {
            start = Start(key: after, isIncluded: false, id: query.afterID)
        }
    }

    /// Looks at a row's key.
    mutating func step(_ key: String) -> Step {
        if let current, Self.begins(key, with: current) {
            passedOver += 1
            guard passedOver >= patience else { return .passOver }
            patience = Self.littlePatience
            start = Self.successor(of: current).map { Start(key: $0, isIncluded: true) }
            self.current = nil
            return .stop
        }
        // The prefix had fewer.
        if current != nil { patience = Self.fullPatience }
        current = nil
        guard count < limit else {
            isTruncated = true
            start = nil
            return .stop
        }
        count += 1
        guard let folded = commonPrefix(of: key) else {
            last = key
            return .take
        }
        last = folded
        current = folded
        passedOver = 0
        commonPrefixes.append(folded)
        return .passOver
    }

    /// A reading ended without a `stop`.
    /// - Parameter lastKey: of its last row, where its limit ended it; nil where there are no more rows.
    mutating func endReading(at lastKey: Start?) {
        guard let lastKey else {
            start = nil
            return
        }
        start = current.map { Self.successor(of: $0).map { Start(key: $0, isIncluded: true) } } ?? lastKey
    }

    /// Up to and with the first delimiter behind the prefix; nil where there is none.
    private func commonPrefix(of key: String) -> String? {
        guard !delimiter.isEmpty, Self.begins(key, with: prefix) else { return nil }
        var (key, delimiter) = (key, delimiter)
        let from = prefix.utf8.count
        return key.withUTF8 { key in
            delimiter.withUTF8 { delimiter in
                var at = from
                while at + delimiter.count <= key.count {
                    if key[at] == delimiter[0], key[at..<at + delimiter.count].elementsEqual(delimiter) {
                        return String(decoding: key[..<(at + delimiter.count)], as: UTF8.self)
                    }
                    at += 1
                }
                return nil
            }
        }
    }

    /// The least text behind all that begin with this: its last character that has a next one, raised. UTF-8 keeps the order of scalars.
    static func successor(of prefix: String) -> String? {
        var scalars = Array(prefix.unicodeScalars)
        while let last = scalars.popLast() {
            // Surrogates are no scalars.
            let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
            guard let raised = Unicode.Scalar(next) else { continue }
            scalars.append(raised)
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            return String(text)
        }
        return nil
    }

    private static func begins(_ key: String, with prefix: String) -> Bool { key.utf8.starts(with: prefix.utf8) }
    private static func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }
    private static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}
