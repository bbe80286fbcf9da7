import Foundation
import MediaService
import NIOCore
import ObjectStorage
import Testing
import WebAPI

@Suite struct DeliveryCacheTests {
    private func cache(bytes: Int = 1 << 20, recheck: Duration = .seconds(3600)) -> DeliveryCache {
        var limits = DeliveryCacheLimits()
        limits.bytes = bytes
        limits.recheck = recheck
        return DeliveryCache(limits: limits)
    }

    private func info(_ size: Int) -> ObjectInfo {
        ObjectInfo(key: ObjectKey("key")!, size: size, sha256: String(repeating: "a", count: 64), contentType: "image/webp", modified: 0)
    }

    private func answer(_ size: Int) -> ReadyAnswer {
        ReadyAnswer(
            route: "/route", validators: Validators(etag: "\"a\"", lastModified: Date(timeIntervalSince1970: 0)), size: size,
            content: .bytes(ByteBuffer(repeating: 1, count: size)), fields: [:], contentFields: [:])
    }

    private func keep(_ id: MediaID, _ path: String, size: Int = 10, accept: String? = nil, in cache: DeliveryCache) throws {
        let address = try #require(cache.address(path: path, accept: accept, isNegotiated: path.hasSuffix(".auto")))
        cache.keep(answer(size), info(size), at: address, tags: [id], ticket: cache.ticket([id]))
    }

    @Test func whatIsDroppedIsGoneAndNothingElse() throws {
        let cache = cache()
        let (one, other) = (MediaID(), MediaID())
        for id in [one, other] {
            try keep(id, "/media/\(id)/small.webp", in: cache)
            try keep(id, "/media/\(id)/large.webp", in: cache)
        }
        cache.drop(one)
        #expect(cache.answer(path: "/media/\(one)/small.webp", accept: nil) == nil)
        #expect(cache.answer(path: "/media/\(one)/large.webp", accept: nil) == nil)
        #expect(cache.answer(path: "/media/\(other)/small.webp", accept: nil) != nil)
        #expect(cache.size.answers == 2)
    }

    @Test func whatWasLookedUpBeforeADropIsNotKeptAfterIt() throws {
        let cache = cache()
        let id = MediaID()
        let address = try #require(cache.address(path: "/media/\(id)/small.webp", accept: nil, isNegotiated: false))
        let ticket = cache.ticket([id])
        // The record is read here, and deleted by somebody else.
        cache.drop(id)
        cache.keep(answer(10), info(10), at: address, tags: [id], ticket: ticket)
        #expect(cache.answer(path: "/media/\(id)/small.webp", accept: nil) == nil)
        let mark = MediaID()
        let both = cache.ticket([id]).joined(cache.ticket([mark]))
        cache.drop(mark)
        cache.keep(answer(10), info(10), at: address, tags: [id, mark], ticket: both)
        #expect(cache.size.answers == 0)
    }

    @Test func aPictureGoesWithItsWatermark() throws {
        let cache = cache()
        let (id, mark) = (MediaID(), MediaID())
        let address = try #require(cache.address(path: "/img/s/w:10/\(id).webp", accept: nil, isNegotiated: false))
        cache.keep(answer(10), info(10), at: address, tags: [id, mark], ticket: cache.ticket([id, mark]))
        cache.drop(mark)
        #expect(cache.answer(path: "/img/s/w:10/\(id).webp", accept: nil) == nil)
        #expect(cache.size == (0, 0, 0))
    }

    @Test func anAnswerIsGivenForAWhileAndThenAfterALookAtTheRecord() async throws {
        let cache = cache(recheck: .milliseconds(1))
        let id = MediaID()
        let path = "/media/\(id)/small.webp"
        try keep(id, path, in: cache)
        try await Task.sleep(for: .milliseconds(5))
        #expect(cache.answer(path: path, accept: nil) == nil, "it is due")
        let address = try #require(cache.address(path: path, accept: nil, isNegotiated: false))
        #expect(cache.reader(address, ticket: cache.ticket([id]))?.info.size == 10, "who has looked may have it")
        let stale = cache.ticket([id])
        cache.drop(id)
        #expect(cache.reader(address, ticket: stale) == nil)
    }

    @Test func negotiatedFormatsAreToldApartAndQueriesAreNeverKept() throws {
        let cache = cache()
        let id = MediaID()
        try keep(id, "/media/\(id)/small.auto", accept: "image/webp", in: cache)
        #expect(cache.answer(path: "/media/\(id)/small.auto", accept: "image/webp") != nil)
        #expect(cache.answer(path: "/media/\(id)/small.auto", accept: "*/*") == nil)
        #expect(cache.answer(path: "/media/\(id)/small.auto", accept: nil) == nil)
        try keep(id, "/media/\(id)/small.webp", accept: "image/webp", in: cache)
        #expect(cache.answer(path: "/media/\(id)/small.webp", accept: "*/*") != nil)
        #expect(cache.address(path: "/media/\(id)/small.webp?expires=1&signature=a", accept: nil, isNegotiated: false) == nil)
        for path in ["small.auto/", "small.aut%6F"] {
            #expect(cache.address(path: "/media/\(id)/\(path)", accept: "image/webp", isNegotiated: true) == nil, "\(path)")
        }
        #expect(cache.address(path: "/" + String(repeating: "a", count: 1000), accept: nil, isNegotiated: false) == nil)
        #expect(self.cache(bytes: 0).address(path: "/media/\(id)/small.webp", accept: nil, isNegotiated: false) == nil, "it is off")
        #expect(self.cache(recheck: .zero).address(path: "/media/\(id)/small.webp", accept: nil, isNegotiated: false) == nil)
    }

    @Test func manyAtOnceStayWithinTheBytes() async throws {
        let cache = cache(bytes: 300_000)
        let ids = (0..<40).map { _ in MediaID() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<400 {
                        let id = ids[(task * 31 + round) % ids.count]
                        try keep(id, "/media/\(id)/\(round % 3).webp", size: 1000 * (1 + round % 50), in: cache)
                        #expect(cache.size.bytes <= 300_000)
                        _ = cache.answer(path: "/media/\(id)/\(round % 3).webp", accept: nil)
                        if round % 9 == 0 { cache.drop(id) }
                    }
                }
            }
            try await group.waitForAll()
        }
        for id in ids { cache.drop(id) }
        #expect(cache.size == (0, 0, 0))
    }
}
