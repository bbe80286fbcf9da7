import ObjectStorage
import Testing

@Suite struct BlobClaimsTests {
    private let claims = BlobClaims()

    @Test func aBlobThatIsPinnedIsRemovedByTheLastWhoLetsItGo() async {
        await claims.pin("a")
        await claims.pin("a")
        #expect(await !claims.claim("a"))
        #expect(await !claims.unpin("a"))
        #expect(await claims.unpin("a"), "somebody asked meanwhile")
        #expect(await claims.isIdle)
        await claims.pin("a")
        #expect(await !claims.unpin("a"), "nobody asked this time")
    }

    /// The first looks at the index before the second takes the last name away: it has to look again.
    @Test func aRemovalThatAnotherIsAtIsLeftToThem() async {
        #expect(await claims.claim("a"))
        #expect(await !claims.claim("a"))
        #expect(await claims.release("a"))
        #expect(await claims.claim("a"))
        #expect(await !claims.release("a"))
        #expect(await claims.isIdle)
    }

    @Test func whoWantsABlobThatIsBeingRemovedWaitsForItsEnd() async {
        #expect(await claims.claim("a"))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { await claims.pin("a") } }
            await Task.yield()
            _ = await claims.release("a")
        }
        for _ in 0..<4 {
            #expect(await !claims.isIdle)
            #expect(await !claims.unpin("a"))
        }
        #expect(await claims.isIdle)
    }
}
