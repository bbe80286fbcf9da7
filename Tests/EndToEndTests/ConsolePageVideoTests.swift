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
}
