import TestSupport

/// A phone's recording that browsers do not play: HEVC, with sound that they do.
enum PhoneVideo {
    /// Whoever writes it may be held for as long as a page is looked at.
    static let patiently = ["AGROVET_WEB_VIDEO_STALL": "600"]

    /// Its path.
    static func make(in folder: TemporaryFolder) async throws -> String {
        let path = folder.path + "/IMG_0001.MOV"
        let made = try await ChildProcess.run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=3", "-f", "lavfi", "-i", "sine=duration=3",
                "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-tag:v", "hvc1", "-pix_fmt", "yuv420p",
                "-c:a",
                "aac", path,
            ])
        guard made.status == 0 else { throw AgrovetProcess.Failure(description: "ffmpeg: \(made.errors)") }
        return path
    }

    /// Whether the player at a place has what was written for browsers, with its picture.
    static func plays(_ selector: String) -> String {
        "(() => { const video = document.querySelector('\(selector)'); return video?.videoWidth === 1280 && video.src.endsWith('/web.mp4'); })()"
    }
}
