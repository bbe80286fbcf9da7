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
        // A transport stream is cut anywhere.
        #expect(try check(bytes.dropLast()) == (format == .mpegTS ? nil : .truncated(format)))
        #expect(try check(Array(bytes.prefix(bytes.count * 4 / 5))) == (format == .mpegTS ? nil : .truncated(format)))
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
        // A recorder of AVI that was never closed leaves no size: 0, or all ones.
        var avi = try SampleFiles.bytes("video.avi")
        let samples = try #require((0..<avi.count - 4).first { Array(avi[$0..<$0 + 4]) == Array("movi".utf8) })
        for none: UInt8 in [0, 0xFF] {
            avi.replaceSubrange(samples - 4..<samples, with: [UInt8](repeating: none, count: 4))
            avi.replaceSubrange(4..<8, with: [UInt8](repeating: none, count: 4))
            #expect(try check(avi) == nil)
            #expect(try check(Array(avi.prefix(avi.count * 3 / 4))) == nil)
        }
    }

    /// Its whole fragments are what there is; without one, or without fragments, nothing can be played.
    @Test func aFragmentedRecordingMayBreakOffBehindItsFirstFragment() throws {
        func box(_ type: String, _ content: [UInt8] = []) -> [UInt8] {
            let size = UInt32(8 + content.count)
            return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } + Array(type.utf8) + content
        }
        func found(_ bytes: [UInt8]) -> FileStructure.Finding { bytes.withUnsafeBytes(FileStructure.movie) }
        let start = box("ftyp", Array("iso5\0\0\0\0".utf8))
        let (index, plain) = (box("moov", box("mvhd") + box("mvex", box("trex"))), box("moov", box("mvhd") + box("trak")))
        let fragment = box("moof", box("mfhd")) + box("mdat", [UInt8](repeating: 7, count: 100))
        #expect(found(start + index + fragment) == .whole)
        for left in [1, 50, 100, 107, 108, fragment.count - 1] {
            #expect(found(start + index + fragment + fragment.dropLast(left)) == .whole, "\(left)")
            #expect(found(start + index + fragment.dropLast(left)) == .truncated, "\(left)")
        }
        for left in [1, 50, 100] { #expect(found(start + plain + fragment + fragment.dropLast(left)) == .truncated, "\(left)") }
        #expect(found(start + fragment + fragment) == .truncated, "no index")
        #expect(found(start + index.dropLast()) == .truncated)
    }

    @Test func aTransportStreamMayBeCutAnywhere() throws {
        let bytes = try SampleFiles.bytes("video.ts")
        for left in [1, 100, 187, 188, 189] { #expect(try check(bytes.dropLast(left)) == nil, "\(left)") }
        #expect(try check(bytes + [UInt8](repeating: 0, count: 100)) == nil, "what is appended is no packet")
    }

    @Test func whatStandsBehindAVideoIsNotItsOwn() throws {
        for name in ["video.webm", "video.avi", "video.mp4"] {
            #expect(try check(SampleFiles.bytes(name) + Array("and so on, for a while".utf8)) == nil, "\(name)")
        }
    }
}
