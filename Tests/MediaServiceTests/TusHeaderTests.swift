import MediaService
import NIOCore
import Testing
import WebAPI

@Suite struct TusHeaderTests {
    @Test func metadataAreReadByTheirKeys() throws {
        let metadata = try TusMetadata("filename Li4vdmFjYS5qcGc=,title VW5hIHZhY2E=, alt ,relative/Path IP//,visibility cHJpdmF0ZQ==")
        #expect(metadata.values == ["filename": "../vaca.jpg", "title": "Una vaca", "alt": "", "visibility": "private"])
        #expect(metadata.filename == "vaca.jpg")
        #expect(try metadata.fields().visibility == .private)
        #expect(try TusMetadata("").values == [:])
    }

    @Test(arguments: ["title a b", "title not!base64", "title YQ==,,alt %", "title /w=="])
    func metadataThatAreNoneAreRefused(_ header: String) {
        #expect(throws: APIError.self) { try TusMetadata(header) }
    }

    /// Digests of "hello world" by openssl.
    @Test(arguments: [
        "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", "md5 XrY7u+Ae7tCTyyK7j1rNww==",
    ])
    func aChecksumIsRightForItsBytesAlone(_ header: String) throws {
        var checksum = try TusChecksum(header)
        checksum.update(ByteBuffer(string: "hello "))
        #expect(!checksum.isRight)
        checksum.update(ByteBuffer(string: "world"))
        #expect(checksum.isRight)
        checksum.update(ByteBuffer(string: "!"))
        #expect(!checksum.isRight)
    }

    @Test(arguments: ["", "sha1", "sha1 !", "crc32 AAAA", "sha1 AAAA", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0= x"])
    func aChecksumThatIsNoneIsRefused(_ header: String) {
        #expect(throws: APIError.self) { try TusChecksum(header) }
    }
}

@Suite struct WriterHoldsTests {
    @Test func oneAtATime() async throws {
        let holds = WriterHolds()
        let id = UploadID()
        let first = try #require(await holds.take(id))
        #expect(await holds.take(id) == nil)
        #expect(await holds.take(UploadID()) != nil, "another upload is another matter")
        await holds.release(first)
        #expect(await holds.take(id) != nil)
    }

    @Test func onlyAHolderThatMayBeStoppedAndIsSilentGivesWay() async throws {
        let holds = WriterHolds()
        let id = UploadID()
        let first = try #require(await holds.take(id))
        #expect(await holds.takeOver(id, silentFor: .zero) == nil, "what must not be stopped is not")
        let (stops, stopped) = AsyncStream.makeStream(of: Void.self)
        first.mayBeStopped { stopped.yield() }
        #expect(await holds.takeOver(id, silentFor: .seconds(3600)) == nil, "it has given a sign within the hour")
        let taker = Task { await holds.takeOver(id, silentFor: .zero) }
        for await _ in stops { break }
        await holds.release(first)
        #expect(await taker.value != nil)
        #expect(await holds.take(id) == nil, "the one who took it over has it")
    }

    @Test func whoWritesWaitsForWhoLooks() async throws {
        let holds = WriterHolds()
        let id = UploadID()
        let look = try #require(await holds.takeOver(id, silentFor: .seconds(3600), isBrief: true))
        let writer = Task { await holds.take(id) }
        let remover = Task { await holds.takeOver(id, silentFor: .zero) }
        for _ in 0..<100 { await Task.yield() }
        await holds.release(look)
        let taken = [await writer.value, await remover.value].compactMap { $0 }
        #expect(taken.count == 1, "one of the two has it, and the other is told so")
    }
}
