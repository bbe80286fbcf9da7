import Foundation
import TestSupport
import Testing

/// What the gallery lists and counts while photos come, change and go.
@Suite(.serialized) struct ConsolePageListTests {
    private func uploads(_ count: Int, to page: ConsolePage) async throws -> [String] {
        var ids: [String] = []
        for _ in 0..<count { ids.append(try #require(try await page.client.upload(sample: "palette.png").json["id"] as? String)) }
        return ids
    }

    private func choose(_ status: String, on page: ConsolePage) async throws {
        try await page.browser.run("document.querySelector('#status-filter [value=\"\(status)\"]').click()")
    }

    /// Waits until so many photos are shown of so many.
    private func waitFor(_ shown: Int, of count: Int, on page: ConsolePage, line: UInt = #line) async throws {
        try await page.browser.waitUntil(
            """
            document.querySelectorAll('.card').length === \(shown) &&
              parseInt(document.getElementById('gallery-count').textContent) === \(count) &&
              document.getElementById('more').hidden === \(shown == count)
            """, line: line)
    }

    /// Waits until the page follows the stream: it asks for its list once more then, which would fill up what deletions leave.
    private func waitForStream(of page: ConsolePage, line: UInt = #line) async throws {
        try await page.browser.waitUntil(
            "performance.getEntriesByType('resource').filter(({ name }) => name.includes('/api/media/?')).length >= 2", line: line)
    }

    @Test func whatComesAndGoesMovesNoPhotoOutOfTheList() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            let ids = try await uploads(50, to: page)
            try await browser.reload()
            try await waitForStream(of: page)
            try await waitFor(40, of: 50, on: page)
            for id in ids[46...48] { #expect(try await page.client.request(.DELETE, "/api/media/\(id)/").status == 204) }
            try await waitFor(37, of: 47, on: page)
            let late = try await uploads(1, to: page)
            try await waitFor(38, of: 48, on: page)
            try await browser.find("#more").click()
            try await waitFor(48, of: 48, on: page)
            let shown: [String] = try await browser.script(
                "return [...document.querySelectorAll('.card')].map((card) => card.dataset.id)")
            #expect(shown == late + [ids[49]] + ids[...45].reversed())

            // One that is not shown, opened by its address: what is counted is without it.
            try await browser.reload()
            try await waitFor(40, of: 48, on: page)
            try await browser.run("location.hash = '#/photo/\(ids[0])'")
            try await browser.waitUntil("document.getElementById('detail').open")
            try await browser.find("#delete").click()
            try await browser.find("#confirm-yes").click()
            try await waitFor(40, of: 47, on: page)

            // From the last that is shown to the one behind it.
            try await browser.run("[...document.querySelectorAll('.card-open')].at(-1).click()")
            try await browser.waitUntil("document.getElementById('detail').open && !document.getElementById('next').disabled")
            try await browser.press(.right)
            try await browser.waitUntil("location.hash === '#/photo/' + document.querySelectorAll('.card')[40]?.dataset.id")
            try await waitFor(47, of: 47, on: page)
            try await browser.press(.escape)
            try await browser.waitUntil("!document.getElementById('detail').open && location.hash === ''")
            try await browser.run("[...document.querySelectorAll('.card-open')].at(-1).click()")
            try await browser.waitUntil("document.getElementById('next').disabled")
            // Pictures of photos that are deleted may be on their way.
            try await page.expectQuietConsole(allowing: ["status of 404"])
        }
    }

    @Test func theListFollowsEventsUnderEveryFilter() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            try await choose("ready", on: page)
            try await page.upload(["photo.heic"])
            try await page.waitForPictures(1)
            try await waitFor(1, of: 1, on: page)

            // Those in progress are seen while they are, and no longer.
            try await choose("processing", on: page)
            try await waitFor(0, of: 0, on: page)
            try await browser.run(
                """
                window.seen = [];
                new MutationObserver((changes) => {
                  for (const { addedNodes } of changes) for (const card of addedNodes) window.seen.push(card.textContent);
                }).observe(document.getElementById("gallery"), { childList: true });
                """)
            _ = try await page.client.upload(sample: "photo.jpg", fields: ["title": "Novilla"])
            try await browser.waitUntil("window.seen.some((words) => words.includes('Novilla'))")
            try await waitFor(0, of: 0, on: page)
            #expect(try await browser.find("#empty-heading").text == "Nothing matches")

            // What fails comes where failures are listed.
            try await choose("failed", on: page)
            try await waitFor(0, of: 0, on: page)
            var noise = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("video.mp4")))
            let frames = try #require(noise.range(of: Data("mdat".utf8)))
            for index in frames.upperBound..<noise.count { noise[index] = UInt8(truncatingIfNeeded: index &* 197) }
            #expect(try await page.client.upload([("noise.mp4", noise)]).status == 201)
            try await browser.waitUntil("document.querySelector('.caption')?.textContent === 'noise.mp4'")
            try await waitFor(1, of: 1, on: page)

            // Whether it matches a search only the server knows.
            try await choose("", on: page)
            try await waitFor(3, of: 3, on: page)
            try await browser.find("#search-text").type("toro")
            try await waitFor(0, of: 0, on: page)
            _ = try await page.client.upload(sample: "photo.webp", fields: ["title": "Vaca"])
            _ = try await page.client.upload(sample: "photo.webp", fields: ["title": "Toro"])
            try await waitFor(1, of: 1, on: page)
            #expect(try await page.captions == ["Toro"])
            try await page.expectQuietConsole()
        }
    }

    @Test func aServerThatMakesNothingButCropsShowsThem() async throws {
        let presets = ["AGROVET_PRESETS": "thumb=160x160:crop,square=600x600:crop"]
        try await ConsolePage.visit(environment: presets) { page in
            try await page.upload(["photo.jpg", "photo.heic"])
            try await page.waitForPictures(2)
            try await page.browser.screenshot("crops")
            try await page.openDetail()
            try await page.browser.waitUntil("document.querySelector('.stage .frame.loaded')")
            // All of the crop, and not a part of it in a frame of the photo's shape.
            let ratio: Double = try await page.browser.script(
                "const box = document.querySelector('.stage .frame').getBoundingClientRect(); return box.width / box.height")
            #expect(abs(ratio - 1) < 0.02)
            try await page.browser.screenshot("crops-detail")
            try await page.expectQuietConsole()
        }
    }
}
