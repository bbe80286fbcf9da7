import MediaService
import Testing

@Suite struct ClockCacheTests {
    private typealias Cache = ClockCache<String, Int>

    private func cost(_ bytes: Int, files: Int = 0) -> Cache.Cost { .init(bytes: bytes, files: files) }

    @Test func whatWasNotAskedForGoesFirst() {
        var cache = Cache(limit: cost(30, files: 0))
        for (key, value) in [("a", 1), ("b", 2), ("c", 3)] { #expect(cache.insert(value, for: key, cost: cost(10)).isEmpty) }
        #expect(cache.value("a") == 1)
        #expect(cache.value("c") == 3)
        #expect(cache.insert(4, for: "d", cost: cost(10)).map(\.key) == ["b"])
        #expect(cache.value("b") == nil)
        #expect(cache.value("a") == 1 && cache.value("c") == 3 && cache.value("d") == 4)
    }

    @Test func whatIsAskedForOutlivesAScan() {
        var cache = Cache(limit: cost(100))
        _ = cache.insert(0, for: "wanted", cost: cost(10))
        for number in 1...1000 {
            #expect(cache.value("wanted") == 0)
            _ = cache.insert(number, for: "once \(number)", cost: cost(10))
        }
        #expect(cache.value("wanted") == 0)
        #expect(cache.count == 10 && cache.used == cost(100))
    }

    @Test func noBoundIsEverPassed() {
        var cache = Cache(limit: cost(1000, files: 3))
        var generator = SystemRandomNumberGenerator()
        var kept: Set<String> = []
        for number in 0..<5000 {
            let key = "\(Int.random(in: 0..<80, using: &generator))"
            let cost = cost(Int.random(in: 1...300, using: &generator), files: Int.random(in: 0...1, using: &generator))
            for (gone, _) in cache.insert(number, for: key, cost: cost) { kept.remove(gone) }
            kept.insert(key)
            #expect(cache.used.bytes <= 1000 && cache.used.files <= 3)
            #expect(cache.count == kept.count, "what goes is told")
            if number % 7 == 0, let victim = kept.first {
                #expect(cache.remove(victim) != nil)
                kept.remove(victim)
            }
        }
        for key in kept { #expect(cache.remove(key) != nil) }
        #expect(cache.used == cost(0) && cache.count == 0)
    }

    @Test func roomForAFileIsMadeByFilesAlone() {
        var cache = Cache(limit: cost(100, files: 1))
        _ = cache.insert(1, for: "memory", cost: cost(10))
        _ = cache.insert(2, for: "file", cost: cost(10, files: 1))
        #expect(cache.insert(3, for: "another file", cost: cost(10, files: 1)).map(\.key) == ["file"])
        #expect(cache.value("memory") == 1)
        #expect(!cache.fits(cost(101)) && !cache.fits(cost(1, files: 2)))
    }

    @Test func theSameKeyIsReplaced() {
        var cache = Cache(limit: cost(100))
        _ = cache.insert(1, for: "a", cost: cost(60))
        #expect(cache.insert(2, for: "a", cost: cost(80)).map(\.value) == [1])
        #expect(cache.value("a") == 2 && cache.used == cost(80))
    }
}
