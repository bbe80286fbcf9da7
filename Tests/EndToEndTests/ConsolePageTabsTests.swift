import Foundation
import TestSupport
import Testing

/// The page in many tabs of one browser, which opens six connections to a host for all of them together.
@Suite(.serialized) struct ConsolePageTabsTests {
    /// The page, signed in, in `count` tabs; the last is seen.
    private func open(_ count: Int, _ page: ConsolePage) async throws -> [String] {
        var tabs = [try await page.browser.tab]
        while tabs.count < count {
            tabs.append(try await page.browser.openTab())
            try await page.browser.go(to: page.server.baseURL + "/")
            try await page.browser.waitUntil("document.getElementById('workspace')?.hidden === false")
        }
        return tabs
    }

    @Test func eightTabsLeaveRoomForAnUpload() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            let tabs = try await open(8, page)
            try await browser.show(tab: tabs[2])
            try await page.upload(["photo.jpg", "photo.heic"])
            try await page.waitForPictures(2)
            try await browser.waitUntil("document.getElementById('uploads-heading').textContent === '2 files uploaded'")
            for tab in [tabs[7], tabs[0], tabs[2]] {
                try await browser.show(tab: tab)
                try await page.waitForPictures(2)
                #expect(try await browser.script("return document.getElementById('connection').hidden"))
            }
            try await page.expectQuietConsole()
        }
    }

    /// Windows beside each other: the browser lets each believe that it is seen.
    @Test func eightWindowsThatAreSeenLeaveRoomForAnUpload() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            var windows = [try await browser.tab]
            while true {
                try await browser.developerTools("Emulation.setFocusEmulationEnabled", ["enabled": true])
                try await browser.go(to: page.server.baseURL + "/")
                try await browser.waitUntil("document.getElementById('workspace')?.hidden === false")
                try await browser.run(
                    "window.wasHidden = 0; document.addEventListener('visibilitychange', () => { window.wasHidden += document.hidden; })")
                if windows.count == 8 { break }
                windows.append(try await browser.openTab())
            }
            try await browser.show(tab: windows[0])
            try await page.upload(["photo.jpg"])
            try await browser.waitUntil("document.getElementById('uploads-heading').textContent === '1 file uploaded'")
            for window in windows {
                try await browser.show(tab: window)
                try await browser.waitUntil("document.querySelector('.caption')?.textContent === 'photo.jpg'")
                #expect(try await browser.script("return window.wasHidden") == 0)
            }
            try await page.expectQuietConsole()
        }
    }

    @Test func aTabThatWasNotSeenCatchesUp() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            var ids: [String] = []
            for title in ["Uno", "Dos", "Tres"] {
                ids.append(try #require(try await page.client.upload(sample: "photo.jpg", fields: ["title": title]).json["id"] as? String))
            }
            try await page.waitForPictures(3)
            let tabs = try await open(2, page)
            #expect(try await page.client.request(.DELETE, "/api/media/\(ids[0])/").status == 204)
            #expect(try await page.client.send(.PATCH, "/api/media/\(ids[1])/", json: #"{"title": "Segundo"}"#).status == 200)
            _ = try await page.client.upload(sample: "photo.webp", fields: ["title": "Cuatro"])
            try await browser.show(tab: tabs[0])
            try await browser.waitUntil(
                "[...document.querySelectorAll('.caption')].map((caption) => caption.textContent).join() === 'Cuatro,Tres,Segundo'")
            // And it hears what happens from now on.
            _ = try await page.client.upload(sample: "photo.webp", fields: ["title": "Cinco"])
            try await browser.waitUntil("document.querySelector('.caption').textContent === 'Cinco'")
            try await page.expectQuietConsole()
        }
    }

    @Test func signingOutInOneTabShowsInTheOthers() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            _ = try await page.client.upload(sample: "photo.jpg")
            try await page.waitForPictures(1)
            let tabs = try await open(2, page)
            try await browser.find("#sign-out").click()
            try await browser.waitUntil("!document.getElementById('sign-in').hidden")
            try await browser.show(tab: tabs[0])
            try await browser.waitUntil("!document.getElementById('sign-in').hidden && document.getElementById('workspace').hidden")
            #expect(try await browser.find("#sign-in-error").text == "The session has ended. Sign in again.")
            #expect(try await browser.all(".card").isEmpty)
        }
    }

    /// While the tab is seen its stream is what tells it: a list that everybody may ask for answers as before.
    @Test func aSessionThatEndsWhileThePageIsSeenShowsThePageSignedOut() async throws {
        try await ConsolePage.visit { page in
            _ = try await page.client.upload(sample: "photo.jpg")
            try await page.waitForPictures(1)
            try await page.browser.run(
                "await fetch('/api/session/', { method: 'DELETE', headers: { 'X-Requested-With': 'agrovet' } })")
            try await page.browser.waitUntil("!document.getElementById('sign-in').hidden")
            #expect(try await page.browser.all(".card").isEmpty)
        }
    }
}
