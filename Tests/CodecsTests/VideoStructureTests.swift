import Codecs
import Testing

/// Where the structure says how long a video is, a shorter one broke off; where it does not, whatever there is plays.
@Suite struct VideoStructureTests {
    private func check(_ bytes: [UInt8]) throws -> CodecError? {
        let file = try SampleFiles.file(bytes)
        do throws(CodecError) {
            try FileStructure.check(file, info: try ImageDecoder.readInfo(file))
            return nil
        } catch { return error }
    }

    @Test(arguments: SampleFiles.videos) func aVideoThatIsWholeIsTaken(_ name: String, _ format: ImageFormat) throws {
        #expect(try check(SampleFiles.bytes(name)) == nil)
    }

    @Test(arguments: SampleFiles.videos) func oneByteLessIsTold(_ name: String, _ format: ImageFormat) throws {
        let bytes = try SampleFiles.bytes(name)
        #expect(try check(bytes.dropLast()) == .truncated(format))
        #expect(try check(Array(bytes.prefix(bytes.count * 4 / 5))) == .truncated(format) || format == .mpegTS)
    }

    @Test func aRecordingWithoutAnEndIsTaken() throws {
        // The Segment's size in a live recording: all ones.
        var live = try SampleFiles.bytes("video.webm")
        let segment: [UInt8] = [0x18, 0x53, 0x80, 0x67]
        let place = try #require((0..<200).first { Array(live[$0..<$0 + 4]) == segment }) + 4
        let length = live[place].leadingZeroBitCount + 1
        live.replaceSubrange(place..<place + length, with: [0x01] + [UInt8](repeating: 0xFF, count: 7))
        #expect(try check(live) == nil)
        #expect(try check(Array(live.prefix(live.count * 3 / 4))) == nil)
        // A recorder of AVI that was never closed leaves no size.
        var avi = try SampleFiles.bytes("video.avi")
        let samples = try #require((0..<avi.count - 4).first { Array(avi[$0..<$0 + 4]) == Array("movi".utf8) })
        avi.replaceSubrange(samples - 4..<samples, with: [0, 0, 0, 0])
        avi.replaceSubrange(4..<8, with: [0, 0, 0, 0])
        #expect(try check(avi) == nil)
    }

    @Test func aTransportStreamMayBeCutBetweenTwoPackets() throws {
        let bytes = try SampleFiles.bytes("video.ts")
        #expect(try check(bytes.dropLast(188)) == nil)
        #expect(try check(bytes.dropLast(187)) == .truncated(.mpegTS))
        #expect(try check(bytes + [UInt8](repeating: 0, count: 100)) == nil, "what is appended is no packet")
    }

    @Test func whatStandsBehindAVideoIsNotItsOwn() throws {
        for name in ["video.webm", "video.avi", "video.mp4"] {
            #expect(try check(SampleFiles.bytes(name) + Array("and so on, for a while".utf8)) == nil, "\(name)")
        }
    }
}
