import ObjectStorage
import Persistence
import TestSupport
import Testing

/// Lists against a model that sorts and folds all keys.
@Suite struct ListTests {
    /// What a list of these keys is to tell, all pages together: keys, and common prefixes.
    private static func model(_ keys: [String], prefix: String, delimiter: String, after: String?) -> (keys: [String], prefixes: [String]) {
        func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
        var (found, prefixes): ([String], [String]) = ([], [])
        for key in keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where bytes(key).starts(with: bytes(prefix)) {
            let (rest, mark) = (Array(bytes(key).dropFirst(bytes(prefix).count)), bytes(delimiter))
            let at = mark.isEmpty ? nil : rest.indices.first { rest[$0...].starts(with: mark) }
            let told = at.map { String(decoding: bytes(prefix) + rest[..<$0] + mark, as: UTF8.self) } ?? key
            if let after, !after.utf8.lexicographicallyPrecedes(told.utf8) { continue }
            if at == nil {
                found.append(told)
            } else if prefixes.last.map(bytes) != bytes(told) {
                prefixes.append(told)
            }
        }
        return (found, prefixes)
    }

    private static func same(_ a: [String], _ b: [String]) -> Bool { a.map { Array($0.utf8) } == b.map { Array($0.utf8) } }

    private static let pieces = [
        "a", "b", "/", "//", "..", ".", "%", "_", "é", "e\u{301}", "日", "\u{10FFFF}", "\u{D7FF}", "\u{E000}", "\u{1}", "\u{7F}", "🐄", " ",
        "+",
        "\u{FFFF}", "\\", "'", "\"", "0", "Z", "|",
    ]

    private static func randomKeys(_ count: Int, _ random: inout some RandomNumberGenerator) -> [String] {
        var keys: Set<[UInt8]> = []
        while keys.count < count {
            let length = Int.random(in: 1...6, using: &random)
            keys.insert(Array((0..<length).map { _ in pieces.randomElement(using: &random)! }.joined().utf8))
        }
        return keys.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: SQLDialect.allCases)
    func pagesTogetherAreWhatTheModelSays(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        var random = SystemRandomNumberGenerator()
        let keys = Self.randomKeys(400, &random)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in 0..<16 {
                group.addTask { for index in stride(from: part, to: keys.count, by: 16) { try await fixture.put(keys[index], [1]) } }
            }
            try await group.waitForAll()
        }
        for _ in 0..<150 {
            let prefix = Bool.random(using: &random) ? "" : (0..<Int.random(in: 1...2)).map { _ in Self.pieces.randomElement()! }.joined()
            let delimiter = ["", "/", "//", "é", "a", "日"].randomElement(using: &random)!
            let after = Bool.random(using: &random) ? nil : [keys.randomElement()!, prefix + "/", "a/", "\u{10FFFF}"].randomElement()!
            let limit = Int.random(in: 1...60, using: &random)
            let expected = Self.model(keys, prefix: prefix, delimiter: delimiter, after: after)
            var query = VersionedObjectStore.ListQuery()
            (query.prefix, query.delimiter, query.after, query.limit) = (prefix, delimiter, after, limit)
            var (found, prefixes): ([String], [String]) = ([], [])
            while true {
                let page = try await fixture.store.list(fixture.bucket, query)
                found += page.items.map(\.key)
                prefixes += page.commonPrefixes
                let told = page.items.count + page.commonPrefixes.count
                #expect(told <= limit)
                guard let next = page.next else { break }
                #expect(told == limit, "a page that is not the last is full")
                query.after = next
            }
            #expect(Self.same(found, expected.keys), "prefix \(prefix) delimiter \(delimiter) after \(after ?? "-") limit \(limit)")
            #expect(Self.same(prefixes, expected.prefixes), "prefix \(prefix) delimiter \(delimiter) after \(after ?? "-") limit \(limit)")
            guard found.count + prefixes.count == expected.keys.count + expected.prefixes.count else { return }
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func versionsArePagedWithinAKey(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        try await fixture.put("b", [0])
        try await fixture.setVersioning(.enabled)
        var expected: [String] = []
        for key in ["a", "b", "c/1", "c/2", "d"] {
            var ids: [String] = key == "b" ? ["b null"] : []
            for number in 0..<4 { ids.append("\(key) \(try await fixture.put(key, [UInt8(number)]).versionID)") }
            if case .marked(let marker) = try await fixture.delete(key) { ids.append("\(key) \(marker.versionID)") }
            expected += ids.reversed()
        }
        for limit in [1, 2, 3, 7, 100] {
            var query = VersionedObjectStore.ListQuery()
            query.limit = limit
            var found: [String] = []
            while true {
                let page = try await fixture.store.listVersions(fixture.bucket, query)
                found += page.items.map { "\($0.key) \($0.versionID)" }
                guard let next = page.next else { break }
                #expect(page.items.count == limit)
                (query.after, query.afterID) = (next, page.nextID)
            }
            #expect(found == expected, "limit \(limit)")
        }
        var query = VersionedObjectStore.ListQuery()
        query.delimiter = "/"
        query.after = "b"
        let page = try await fixture.store.listVersions(fixture.bucket, query)
        #expect(page.commonPrefixes == ["c/"] && page.items.count == 5 && page.items.allSatisfy { $0.key.description == "d" })
        #expect(page.items.map(\.isLatest) == [true, false, false, false, false])
        // Behind a version that went meanwhile.
        query = .init()
        query.after = "a"
        query.afterID = String(expected[2].dropFirst(2))
        try await fixture.delete("a", query.afterID)
        #expect(
            try await fixture.store.listVersions(fixture.bucket, query).items.prefix(2).map { "\($0.key) \($0.versionID)" }
                == Array(expected[3...4]))
    }

    /// A prefix with many keys under it is told by a seek and not by walking over them.
    @Test(arguments: SQLDialect.allCases)
    func manyKeysUnderOnePrefixAreTold(_ dialect: SQLDialect) async throws {
        let fixture = try await StoreFixture(dialect)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for folder in 0..<4 {
                group.addTask { for number in 0..<300 { try await fixture.put("\(folder)/\(number)", [1]) } }
            }
            try await group.waitForAll()
        }
        try await fixture.put("9", [1])
        var query = VersionedObjectStore.ListQuery()
        query.delimiter = "/"
        let page = try await fixture.store.list(fixture.bucket, query)
        #expect(page.commonPrefixes == ["0/", "1/", "2/", "3/"] && page.items.map(\.key) == ["9"] && page.next == nil)
        query.limit = 2
        let first = try await fixture.store.list(fixture.bucket, query)
        #expect(first.commonPrefixes == ["0/", "1/"] && first.next == "1/")
        query.limit = 0
        let none = try await fixture.store.list(fixture.bucket, query)
        #expect(none.items.isEmpty && none.commonPrefixes.isEmpty && none.next == nil)
    }
}
