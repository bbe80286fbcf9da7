import Codecs
import Foundation
import TestSupport
import Testing

/// A recording that was never closed, as browsers make them, says neither how long it is nor how many frames it has a second.
@Suite struct VideoMeasureTests {
    private func recording(_ folder: TemporaryFolder, rate: Int = 30, seconds: Int = 3) async throws -> [UInt8] {
        let path = folder.path + "/recording.webm"
        let made = try await ChildProcess.run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=\(rate):duration=\(seconds)", "-c:v", "libvpx", "-deadline",
                "realtime", "-f", "webm", "-live", "1", path,
            ])
        try #require(made.status == 0, "\(made.errors)")
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        // DefaultDuration (RFC 9559 section 5.1.4.1.13) becomes a Void of the same length.
        let mark: [UInt8] = [0x23, 0xE3, 0x83]
        let place = try #require((0..<1000).first { Array(bytes[$0..<$0 + 3]) == mark })
        bytes.replaceSubrange(place..<place + 4, with: [0xEC, bytes[place + 3] + 2, 0, 0])
        return bytes
    }

    @Test func aBrowsersRecordingIsMeasured() async throws {
        let folder = try TemporaryFolder()
        let bytes = try await recording(folder)
        let video = try #require(try ImageDecoder.readInfo(SampleFiles.file(bytes)).video)
        #expect(abs(try #require(video.duration) - 3000) <= 100)
        #expect(abs(try #require(video.frameRate) - 30) < 1)
        #expect(abs(try #require(video.bitRate) - bytes.count * 8 / 3) < bytes.count / 10)
    }

    @Test func noMoreIsReadThanAllowed() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/long.webm"
        try Data(try await recording(folder, rate: 60, seconds: 4)).write(to: URL(fileURLWithPath: path))
        for (packets, bytes) in [(100, 256 << 20), (20_000, 30_000)] {
            var limits = VideoLimits()
            (limits.packets, limits.readBytes, limits.probeBytes) = (packets, bytes, 10_000)
            let video = try #require(try ImageDecoder.readInfo(ImageFile(path: path, videoLimits: limits)).video)
            #expect(video.duration == nil, "nothing is said rather than something wrong")
            #expect(video.frameRate.map { abs($0 - 60) < 1 } ?? true)
        }
    }

    /// What was written of it knows, however long it is.
    @Test func whatWasWrittenTells() async throws {
        let folder = try TemporaryFolder()
        let file = try SampleFiles.file(try await recording(folder))
        let output = open(folder.path + "/web.mp4", O_CREAT | O_RDWR, 0o600)
        defer { close(output) }
        let web = try #require(
            try WebVideoWriter.write(file, info: ImageDecoder.readInfo(file), to: output, WebVideoSettings()) { _ in true })
        #expect(abs(web.duration - 3000) <= 100)
        #expect(abs(try #require(web.frameRate) - 30) < 1)
    }
}
