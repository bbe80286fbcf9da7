import Foundation
import TestSupport
import Testing

@Suite struct ConsolePageVideoTests {
    @Test func aVideoShowsItsPosterAndItsLengthAndPlaysWithSeeking() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            try await page.upload(["video.webm"])
            try await page.waitForPictures(1)
            try await browser.waitUntil("document.querySelector('.card .badge.length')?.textContent.endsWith('0:02')")
            try await page.openDetail()
            // What was written for browsers takes the original's place; seeking asks for ranges of it.
            try await browser.waitUntil(
                "(() => { const video = document.querySelector('#stage video'); return video?.readyState >= 1 && video.src.endsWith('/web.mp4'); })()"
            )
            #expect(try await browser.find("#stage video").attribute("poster")?.contains("/media/") == true)
            try await browser.run("document.querySelector('#stage video').currentTime = 1.5")
            try await browser.waitUntil(
                "(() => { const video = document.querySelector('#stage video'); return !video.seeking && video.currentTime > 1.4; })()")
            let facts = try await browser.find("#facts").text
            #expect(facts.contains("0:02") && facts.contains("vp9, opus") && facts.contains("WebM"))
            try await page.expectQuietConsole()
        }
    }

    @Test func aVideoThatTheBrowserCannotPlayPlaysAsItWasWrittenForIt() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            try await page.upload(["video.ts"])
            try await page.waitForPictures(1)
            try await page.openDetail()
            try await browser.waitUntil(
                "(() => { const video = document.querySelector('#stage video'); return video?.readyState >= 1 && video.src.endsWith('/web.mp4'); })()"
            )
            #expect(try await browser.find("#facts").text.contains("200 × 150 · "))
        }
    }

    /// Cut where no keyframe is, encoded so that keyframes lean on what is before them, in segments: played to the end, and from any place.
    @Test(arguments: [
        ("trimmed.mov", ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-tag:v", "hvc1"], "1.37", 2.6),
        ("trimmed.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2"], "1.37", 2.6),
        ("open.mp4", ["-c:v", "libx264", "-preset", "veryfast", "-bf", "4", "-x264opts", "open-gop=1:keyint=15"], "0", 4.0),
    ]) func aRecordingThatWasCutPlaysFromEveryPlace(_ name: String, _ codec: [String], _ start: String, _ seconds: Double) async throws {
        let folder = try TemporaryFolder()
        let (whole, path) = (folder.path + "/whole.mp4", folder.path + "/" + name)
        let source = [
            "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30:duration=4", "-f", "lavfi", "-i", "sine=duration=4", "-c:a", "aac",
        ]
        for arguments in [source + codec + ["-pix_fmt", "yuv420p", whole], ["-ss", start, "-i", whole, "-c", "copy", path]] {
            let made = try await ChildProcess.run("ffmpeg", ["-v", "error", "-y"] + arguments, atMost: .seconds(120))
            try #require(made.status == 0, "\(made.errors)")
        }
        try await ConsolePage.visit(environment: ["AGROVET_HLS": "true", "AGROVET_HLS_SEGMENT": "1s"]) { page in
            let browser = page.browser
            try await browser.find("#files").type(path)
            try await page.waitForPictures(1)
            let list = try await page.client.get("/api/media/").json["results"] as? [[String: Any]] ?? []
            let id = try #require(list.first?["id"] as? String)
            let record = try await page.client.poll("/api/media/\(id)/") {
                ($0.json["playback"] as? [String: Any])?["status"] as? String != "processing"
            }.json
            let playback = try #require(record["playback"] as? [String: Any])
            for address in [try #require(playback["url"] as? String, "\(playback)"), try #require(playback["hls"] as? String)] {
                let player = "document.getElementById('played')"
                try await browser.run(
                    """
                    document.getElementById('played')?.remove();
                    const video = Object.assign(document.createElement('video'), { id: 'played', muted: true, src: '\(address)' });
                    document.body.append(video);
                    video.play();
                    """)
                try await browser.waitUntil("\(player).ended || \(player).error !== null")
                let length: Double = try await browser.script("return \(player).error === null ? \(player).currentTime : -1")
                #expect(abs(length - seconds) < 0.15, "\(name), \(address): \(length)")
                for place in [0.6, 0.3, 0.85] {
                    try await browser.run("\(player).currentTime = \(seconds * place)")
                    try await browser.waitUntil("(!\(player).seeking && \(player).readyState >= 2) || \(player).error !== null")
                    let isPlayed: Bool = try await browser.script("return \(player).error === null && \(player).videoWidth === 640")
                    #expect(isPlayed, "\(name), \(address), at \(place)")
                }
            }
        }
    }

    /// Chromium plays the sound of an HEVC video whose picture it knows nothing of, and says nothing.
    @Test func aVideoOfWhichOnlyTheSoundPlaysShowsItsPosterUntilItPlaysAsItWasWritten() async throws {
        let folder = try TemporaryFolder()
        let path = try await PhoneVideo.make(in: folder)
        try await ConsolePage.visit(environment: PhoneVideo.patiently) { page in
            let browser = page.browser
            try await page.server.holdingVideoWriters {
                try await browser.find("#files").type(path)
                try await page.waitForPictures(1)
                try await page.openDetail()
                try await browser.waitUntil("document.querySelector('#stage .badge')?.textContent === 'Being prepared for this browser…'")
                #expect(try await browser.all("#stage video").isEmpty)
                try await browser.waitUntil("document.querySelector('#stage picture img')?.naturalWidth > 0")
            }
            try await browser.waitUntil(PhoneVideo.plays("#stage video"))
            #expect(try await browser.all("#stage .badge").isEmpty)
            try await page.expectQuietConsole()
        }
    }

    /// What the page calls an item is what it is.
    @Test(arguments: [
        ("en", "1 file uploaded", "1 video", "2 photos and videos", "Delete video", "This video was deleted.", "1 photo"),
        ("es", "1 archivo subido", "1 vídeo", "2 fotos y vídeos", "Eliminar vídeo", "Este vídeo fue eliminado.", "1 foto"),
    ])
    func aVideoIsNoPhoto(
        _ language: String, _ stored: String, _ one: String, _ both: String, _ delete: String, _ gone: String, _ photo: String
    ) async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            try await browser.find("[data-language=\(language)]").click()
            try await page.upload(["video.webm"])
            try await page.waitForPictures(1)
            try await browser.waitUntil("document.getElementById('uploads-heading').textContent === '\(stored)'")
            #expect(try await browser.find("#gallery-count").text == one)
            try await page.upload(["photo.jpg"])
            try await page.waitForPictures(2)
            #expect(try await browser.find("#gallery-count").text == both)
            let list = try await page.client.get("/api/media/?kind=video").json["results"] as? [[String: Any]] ?? []
            let id = try #require(list.first?["id"] as? String)
            try await page.openDetail(of: 1)
            try await browser.find("#delete").click()
            try await browser.waitUntil("document.getElementById('confirm').open")
            #expect(try await browser.find("#confirm-yes").text == delete)
            try await browser.press(.escape)
            #expect(try await page.client.request(.DELETE, "/api/media/\(id)/").status == 204)
            try await browser.waitUntil("document.body.textContent.includes('\(gone)')")
            try await browser.waitUntil("document.getElementById('gallery-count').textContent === '\(photo)'")
        }
    }

    /// A browser's own recording says neither how long it is nor how many frames it has a second.
    @Test func whatTheBrowserRecordedIsToldAsItIs() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            let recording = """
                const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
                const context = canvas.getContext("2d");
                let count = 0;
                let [last, longest] = [performance.now(), 0];
                const measure = () => {
                  const now = performance.now();
                  [last, longest] = [now, Math.max(longest, now - last)];
                };
                const drawing = setInterval(() => {
                  measure();
                  context.fillStyle = `hsl(${count * 7 % 360} 80% 50%)`;
                  context.fillRect(0, 0, 320, 240);
                  context.fillStyle = "black";
                  context.fillRect(count++ % 300, 50, 40, 40);
                }, 33);
                const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: "video/webm" });
                const parts = [];
                recorder.ondataavailable = ({ data }) => parts.push(data);
                const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
                recorder.start(500);
                setTimeout(() => recorder.stop(), 3000);
                await stopped;
                clearInterval(drawing);
                measure();
                window.recorded = new File(parts, "recorded.webm", { type: "video/webm" });
                return longest;
                """
            // A recording is of what was drawn when: one for which the page stood still in between is not meant, and made again.
            let deadline = ContinuousClock.now + Patience.usual
            var pause: Double
            repeat { pause = try await browser.script(recording) } while pause > 200 && ContinuousClock.now < deadline
            try await browser.run(
                """
                const transfer = new DataTransfer();
                transfer.items.add(window.recorded);
                document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
                """)
            try await page.waitForPictures(1)
            let list = try await page.client.get("/api/media/").json["results"] as? [[String: Any]] ?? []
            let id = try #require(list.first?["id"] as? String)
            let record = try await page.client.poll("/api/media/\(id)/") {
                ($0.json["playback"] as? [String: Any])?["status"] as? String != "processing"
            }.json
            let url = try #require((record["playback"] as? [String: Any])?["url"] as? String)
            let probe = try await ChildProcess.run(
                "ffprobe",
                ["-v", "error", "-count_packets", "-show_entries", "format=duration:stream=nb_read_packets", "-of", "csv=p=0", url])
            let found = probe.output.split(separator: "\n").compactMap { Double($0) }
            try #require(found.count == 2, "\(probe)")
            let (frames, seconds) = (found[0], found[1])
            #expect((1...6).contains(seconds))
            #expect(abs(try #require(record["duration"] as? Double) - seconds) < 0.15)
            let rate = try #require(record["frame_rate"] as? Double)
            #expect(abs(rate - frames / seconds) < 2 && rate < 40)
            #expect(try #require(record["bit_rate"] as? Int) > 1000)
        }
    }
}
