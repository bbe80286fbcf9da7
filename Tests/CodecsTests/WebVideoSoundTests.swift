import Codecs
import Foundation
import Imaging
import TestSupport
import Testing

/// Sound of every kind that cameras have written becomes AAC; what cannot be decoded is said to be missing.
@Suite struct WebVideoSoundTests {
    private func write(_ name: String, _ codec: String) async throws -> (video: WebVideo, sound: String) {
        let folder = try TemporaryFolder()
        let (source, target) = (folder.path + "/" + name, folder.path + "/web.mp4")
        let made = try await ChildProcess.run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=12:duration=1", "-f", "lavfi", "-i",
                "sine=frequency=330:sample_rate=48000:duration=1", "-c:v", name.hasSuffix("m2ts") ? "mpeg2video" : "mpeg4", "-ac", "2",
                "-strict", "-2", "-c:a", codec, source,
            ])
        try #require(made.status == 0, "\(made.errors)")
        let file = try ImageFile(path: source)
        let output = open(target, O_CREAT | O_RDWR, 0o600)
        defer { close(output) }
        let info = try ImageDecoder.readInfo(file)
        #expect(info.video?.audioCodec == codec.replacing("dca", with: "dts"))
        let video = try #require(try WebVideoWriter.write(file, info: info, to: output, WebVideoSettings()) { _ in true })
        // Loudness of what is heard, where anything is.
        let heard = try await ChildProcess.run(
            "ffmpeg", ["-v", "info", "-i", target, "-map", "0:a?", "-af", "volumedetect", "-f", "null", "-"])
        return (video, heard.errors)
    }

    @Test(arguments: [
        ("a.mov", "pcm_s24le"), ("a.mov", "pcm_s24be"), ("a.mov", "pcm_s32le"), ("a.mov", "pcm_s32be"), ("a.mov", "pcm_f32le"),
        ("a.mov", "pcm_f32be"), ("a.mov", "pcm_s8"), ("a.mov", "pcm_mulaw"), ("a.avi", "pcm_alaw"), ("a.mov", "alac"),
        ("a.avi", "adpcm_ima_wav"), ("a.avi", "adpcm_ms"), ("a.mov", "adpcm_ima_qt"), ("a.avi", "wmav1"), ("a.avi", "wmav2"),
        ("a.mkv", "dca"), ("a.m2ts", "pcm_bluray"),
    ])
    func itIsCarriedOver(_ name: String, _ codec: String) async throws {
        let (video, heard) = try await write(name, codec)
        #expect(!video.lacksSound, "\(codec)")
        let loudness = heard.firstMatch(of: /mean_volume: (-?[0-9.]+) dB/).flatMap { Double($0.1) }
        // What volumedetect says of the source: a sine of an eighth of full scale, shared out to two channels.
        #expect(abs(try #require(loudness, "\(codec): \(heard)") - -24.1) < 1, "\(codec)")
    }

    @Test func soundThatCannotBeDecodedIsSaidToBeMissing() async throws {
        let (video, heard) = try await write("a.mkv", "truehd")
        #expect(video.lacksSound && video.frames == 12)
        #expect(!heard.contains("mean_volume"))
    }

    @Test(arguments: ["video-hevc.mov", "video.webm", "video.mp4"]) func whatHasNoneOrHasItAllLacksNothing(_ sample: String) throws {
        let folder = try TemporaryFolder()
        let output = open(folder.path + "/web.mp4", O_CREAT | O_RDWR, 0o600)
        defer { close(output) }
        let file = try SampleFiles.file(sample)
        let video = try WebVideoWriter.write(file, info: ImageDecoder.readInfo(file), to: output, WebVideoSettings()) { _ in true }
        #expect(try !#require(video).lacksSound)
    }
}
