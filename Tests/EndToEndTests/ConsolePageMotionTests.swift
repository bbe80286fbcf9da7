import TestSupport
import Testing

@Suite struct ConsolePageMotionTests {
    private static let playing = "document.querySelector('.card .motion.loaded')?.naturalWidth > 0"

    /// Moves the mouse to the middle of the first card, or away from it.
    private func point(_ browser: Browser, at isOnCard: Bool) async throws {
        let place: [Double] = try await browser.script(
            """
            const { x, y, width, height } = document.querySelector(".card .frame").getBoundingClientRect();
            return [x + width / 2, y + height / 2];
            """)
        try await browser.developerTools(
            "Input.dispatchMouseEvent", ["type": "mouseMoved", "x": isOnCard ? place[0] : 2, "y": isOnCard ? place[1] : 2])
    }

    @Test func aVideosPreviewPlaysWhileItIsPointedAtOrHasTheFocus() async throws {
        try await ConsolePage.visit(environment: ["AGROVET_VIDEO_PREVIEW": "true"]) { page in
            let browser = page.browser
            try await page.upload(["video.webm"])
            try await page.waitForPictures(1)
            #expect(try await browser.all(".motion").isEmpty)
            try await point(browser, at: true)
            try await browser.waitUntil(Self.playing)
            #expect(try await browser.find(".card .motion").attribute("src")?.contains("/preview.webp") == true)
            try await point(browser, at: false)
            try await browser.waitUntil("!document.querySelector('.motion')")
            try await browser.run("document.querySelector('.search input').focus()")
            // By the keyboard, as `:focus-visible` has it.
            for _ in 0..<12 where try await browser.all(".motion").isEmpty { try await browser.press(.tab) }
            try await browser.waitUntil(Self.playing)
            // The poster, not the preview, is what the picture shows.
            let shown: String = try await browser.script("return document.querySelector('.card picture img').currentSrc")
            #expect(!shown.contains("preview"))
            try await page.expectQuietConsole()
        }
    }

    @Test func whoAsksForLessMotionGetsStills() async throws {
        try await ConsolePage.visit(environment: ["AGROVET_VIDEO_PREVIEW": "true"]) { page in
            let browser = page.browser
            try await browser.developerTools(
                "Emulation.setEmulatedMedia", ["features": [["name": "prefers-reduced-motion", "value": "reduce"]]])
            try await page.upload(["video.webm"])
            try await page.waitForPictures(1)
            try await point(browser, at: true)
            try await browser.waitUntil("document.querySelector('.card-open:hover')")
            #expect(try await browser.all(".motion").isEmpty)
            try await page.upload(["animated.gif"])
            try await page.waitForPictures(2)
            let shown: [String] = try await browser.script(
                "return [...document.querySelectorAll('.card picture img')].map((image) => image.currentSrc)")
            #expect(shown.contains { $0.hasSuffix(".jpg") }, "the animation's still")
        }
    }

    @Test func anAnimationMovesInTheGallery() async throws {
        try await ConsolePage.visit { page in
            try await page.upload(["animated.gif"])
            try await page.waitForPictures(1)
            let shown: String = try await page.browser.script("return document.querySelector('.card picture img').currentSrc")
            #expect(shown.hasSuffix(".webp"))
            try await page.openDetail()
            try await page.browser.waitUntil("document.querySelector('#stage picture img')?.complete")
            try await page.expectQuietConsole()
        }
    }
}
