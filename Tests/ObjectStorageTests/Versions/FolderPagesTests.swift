import ObjectStorage
import Testing

/// Pages of folders that are kept in memory tell what the index would.
@Suite struct FolderPagesTests {
    private static func query(
        _ prefix: String = "", after: String? = nil, limit: Int = 1000
    ) -> VersionedObjectStore.ListQuery {
        var query = VersionedObjectStore.ListQuery()
        (query.prefix, query.delimiter, query.after, query.limit) = (prefix, "/", after, limit)
        return query
    }

    /// What a page is to tell: keys with their ETags, folders, and where the next one begins.
    private static func model(_ objects: [String: String], _ query: VersionedObjectStore.ListQuery) -> (told: [String], next: String?) {
        var told: [String] = []
        var last: String?
        for key in objects.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where key.hasPrefix(query.prefix) {
            let rest = key.dropFirst(query.prefix.count)
            let folder = rest.firstIndex(of: "/").map { query.prefix + rest[...$0] }
            let name = folder ?? key
            if let after = query.after, !after.utf8.lexicographicallyPrecedes(name.utf8) { continue }
            if last == name { continue }
            if told.count == query.limit { return (told, last) }
            last = name
            told.append(folder ?? "\(key) \(objects[key]!)")
        }
        return (told, nil)
    }

    private static func told(_ page: VersionedObjectStore.Page<VersionedObjectStore.ListedObject>) -> [String] {
        var entries: [(name: String, text: String)] = page.items.map { (name: $0.key, text: "\($0.key) \($0.etag)") }
        entries += page.commonPrefixes.map { (name: $0, text: $0) }
        entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return entries.map(\.text)
    }

    /// Whatever happens to keys, versioned or not, each page is the model's, most of them from memory.
    @Test(arguments: [Versioning.off, .enabled])
    func aPageIsTheModelsAfterEveryChange(_ versioning: Versioning) async throws {
        let fixture = try await StoreFixture()
        try await fixture.setVersioning(versioning)
        let store = fixture.store
        var objects: [String: String] = [:]
        var random = SystemRandomNumberGenerator()
        let names = ["a", "b", "c", "d.e"]
        func key() -> String {
            let depth = Int.random(in: 1...3, using: &random)
            var parts: [String] = []
            for _ in 0..<depth { parts.append(names[Int.random(in: 0..<names.count, using: &random)]) }
            // Some are the mark of a folder.
            if Int.random(in: 0..<8, using: &random) == 0 { parts.append("") }
            return parts.joined(separator: "/")
        }
        var queries: [VersionedObjectStore.ListQuery] = []
        for prefix in ["", "a/", "b/", "a/b/", "c/"] {
            for after in [nil, "a", "b/", "c", "b/a"] {
                for limit in [1, 2, 1000] { queries.append(Self.query(prefix, after: after.map { prefix + $0 }, limit: limit)) }
            }
        }
        var known = 0
        for step in 0..<400 {
            let name = key()
            if Int.random(in: 0..<3, using: &random) == 0 {
                try await fixture.delete(name)
                objects[name] = nil
            } else {
                let etag = "e\(step)"
                _ = try await store.put(
                    .empty, key: ObjectKey(name)!, in: fixture.bucket, etag: etag, contentType: "text/plain",
                    attributes: ObjectAttributes(owner: "ana"))
                objects[name] = etag
            }
            for query in queries {
                if store.knownList(fixture.bucket, query) != nil { known += 1 }
                let page = try await store.list(fixture.bucket, query)
                let expected = Self.model(objects, query)
                let what = "step \(step) prefix \(query.prefix) after \(query.after ?? "-") limit \(query.limit)"
                #expect(Self.told(page) == expected.told && page.next == expected.next, "\(what)")
                guard Self.told(page) == expected.told else { return }
            }
        }
        #expect(known > 400 * queries.count / 10, "\(known)")
    }

    @Test func anotherObjectInAFolderThatIsToldKeepsThePage() async throws {
        let fixture = try await StoreFixture()
        let (store, bucket) = (fixture.store, fixture.bucket)
        for key in ["a/1", "b/1", "c"] { try await fixture.put(key, [1]) }
        _ = try await store.list(bucket, Self.query())
        try await fixture.put("a/2", [1])
        try await fixture.put("b/1", [2])
        #expect(store.knownList(bucket, Self.query())?.commonPrefixes == ["a/", "b/"])
        // A folder, an object, the last of a folder.
        for change in ["d/1", "c"] {
            try await fixture.put(change, [3])
            #expect(store.knownList(bucket, Self.query()) == nil, "\(change)")
            _ = try await store.list(bucket, Self.query())
        }
        try await fixture.delete("d/1")
        #expect(store.knownList(bucket, Self.query()) == nil)
        #expect(try await store.list(bucket, Self.query()).commonPrefixes == ["a/", "b/"])
        // Other buckets are others.
        let other = BucketName("flock")!
        #expect(store.knownList(other, Self.query()) == nil)
        // What tells no folder is not kept, nor what has another delimiter.
        _ = try await store.list(bucket, Self.query("a/"))
        #expect(store.knownList(bucket, Self.query("a/")) == nil)
        var dots = Self.query()
        dots.delimiter = "1"
        _ = try await store.list(bucket, dots)
        #expect(store.knownList(bucket, dots) == nil)
    }

    /// Who was told that a change is done finds it in every list that begins behind that, while others write and list.
    @Test func nobodyIsToldLessThanWasAcknowledged() async throws {
        let fixture = try await StoreFixture()
        let (store, bucket) = (fixture.store, fixture.bucket)
        try await fixture.put("always/1", [1])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    for round in 0..<150 {
                        let folder = "f\(number)/"
                        try await fixture.put(folder + "\(round)", [1])
                        #expect(try await store.list(bucket, Self.query()).commonPrefixes.contains(folder))
                        try await fixture.delete(folder + "\(round)")
                        let page = try await store.list(bucket, Self.query())
                        #expect(!page.commonPrefixes.contains(folder) && page.commonPrefixes.first == "always/")
                    }
                }
                group.addTask { for _ in 0..<300 { _ = try await store.list(bucket, Self.query()) } }
            }
            try await group.waitForAll()
        }
    }

    @Test func memoryIsBounded() async throws {
        let fixture = try await StoreFixture()
        let pages = FolderPages(bytes: 64 << 10)
        for number in 0..<1000 {
            let query = Self.query("p\(number)/")
            let reading = try #require(pages.begin(query))
            var page = FolderPages.Page()
            page.commonPrefixes = ["p\(number)/a/"]
            pages.end(reading, fixture.bucket, query, page)
        }
        let kept = (0..<1000).filter { pages.find(fixture.bucket, Self.query("p\($0)/")) != nil }
        #expect(kept.count > 20 && kept.count < 130 && kept.last == 999, "\(kept.count)")
    }
}
