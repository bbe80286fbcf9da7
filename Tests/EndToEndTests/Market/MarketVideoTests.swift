import Foundation
import TestSupport
import Testing

@Suite struct MarketVideoTests {
    /// A guest, who hears nothing of events, and a browser that plays no more of a phone's video than its sound.
    @Test func anAdsVideoShowsItsPosterUntilItPlays() async throws {
        let folder = try TemporaryFolder()
        let path = try await PhoneVideo.make(in: folder)
        try await MarketPage.open([Browser.View()], environment: PhoneVideo.patiently) { pages in
            let (page, browser) = (pages[0], pages[0].browser)
            let client = HTTPTestClient(page.server)
            try await page.server.holdingVideoWriters {
                let video = try await client.upload(
                    [("IMG_0001.MOV", try Data(contentsOf: URL(fileURLWithPath: path)))], headers: ["Prefer": "wait=30"])
                let media = try #require(video.json["id"] as? String)
                let ad = try await client.send(
                    .POST, "/api/adds/",
                    json: """
                        {"title":"Novilla","category":"cattle","price":"10","currency":"USD","unit":"head","stock":1,"media":["\(media)"]}
                        """)
                let id = try #require(ad.json["id"] as? String, "\(ad.text)")
                try await page.show("#/ad/\(id)")
                try await browser.waitUntil(
                    """
                    [...document.querySelectorAll('.slides .badge')]
                      .some(({ textContent }) => textContent === 'Being prepared for this browser…')
                    """)
                #expect(try await browser.all(".slides video").isEmpty)
                try await browser.waitUntil("document.querySelector('.slides picture img')?.naturalWidth > 0")
            }
            try await browser.waitUntil(PhoneVideo.plays(".slides video"))
            #expect(try await browser.all(".slides .badge").isEmpty)
            try await page.looks.expectQuietConsole()
        }
    }
}
