import Foundation
import TestSupport
import Testing

/// The page for everyone: languages, light and dark, phones, the keyboard alone.
@Suite(.serialized) struct ConsolePageAccessTests {
    @Test(arguments: [("es-CO,es,en", "es", "Todavía no hay fotos", "Fotos"), ("fr,en", "en", "No photos yet", "Photos")])
    func thePageSpeaksTheBrowsersLanguage(_ languages: String, _ code: String, _ empty: String, _ heading: String) async throws {
        var view = Browser.View()
        view.languages = languages
        try await ConsolePage.visit(view) { page in
            let browser = page.browser
            try await browser.waitUntil("!document.getElementById('gallery-empty').hidden")
            #expect(try await browser.script("return document.documentElement.lang") == code)
            #expect(try await browser.find("#empty-heading").text == empty)
            #expect(try await browser.find("#gallery-heading").text.hasPrefix(heading))
            try await browser.screenshot("empty-\(code)")

            // The other language by the switch, without reloading, and still after it.
            let other = code == "es" ? "en" : "es"
            try await browser.find("[data-language=\(other)]").click()
            #expect(try await browser.find("#empty-heading").text == (other == "es" ? "Todavía no hay fotos" : "No photos yet"))
            try await browser.reload()
            try await browser.waitUntil("document.documentElement.lang === '\(other)'")
            try await page.expectQuietConsole()
        }
    }

    @Test(arguments: [false, true]) func textContrastMeetsAAInLightAndDark(isDark: Bool) async throws {
        var view = Browser.View()
        view.isDark = isDark
        try await ConsolePage.visit(view) { page in
            let browser = page.browser
            try await page.upload(["photo.jpg", "not-an-image.jpg"])
            try await page.waitForPictures(1)
            try await browser.waitUntil("document.querySelector('.upload[data-state=failed]')")
            try await browser.screenshot(isDark ? "gallery-dark" : "gallery-light")
            try await page.openDetail()
            try await browser.waitUntil("document.querySelector('.stage .frame.loaded')")
            try await browser.screenshot(isDark ? "detail-dark" : "detail-light")

            #expect(try await page.expectReadableText() > 40)
            let paper: [Double] = try await browser.script(
                "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
            #expect((Contrast.luminance(paper) < 0.2) == isDark)
        }
    }

    @Test(arguments: [360, 390, 768]) func nothingScrollsSidewaysOnAPhone(width: Int) async throws {
        var view = Browser.View.phone(width: width)
        view.languages = "es,en"
        try await ConsolePage.visit(view, signedIn: false) { page in
            let browser = page.browser
            let fits = "return document.scrollingElement.scrollWidth <= innerWidth"
            #expect(try await browser.script(fits))
            try await browser.find("#token").type(page.server.token)
            try await browser.find("#sign-in-form button").click()
            try await browser.waitUntil("!document.getElementById('gallery-empty').hidden")
            #expect(try await browser.script(fits))
            try await page.upload(["photo.jpg", "photo.heic", "alpha.png", "not-an-image.jpg"])
            try await page.waitForPictures(3)
            #expect(try await browser.script(fits))
            try await browser.screenshot("phone-\(width)-gallery")
            try await page.openDetail()
            try await browser.waitUntil("document.querySelector('.stage .frame.loaded')")
            #expect(try await browser.script(fits))
            #expect(
                try await browser.script(
                    "const body = document.querySelector('.detail-body'); return body.scrollWidth <= body.clientWidth"))
            try await browser.screenshot("phone-\(width)-detail")
            try await page.expectRoomForThumbs()
        }
    }

    @Test func anAddressThatLeadsNowhereSaysSo() async throws {
        try await ConsolePage.visit(Browser.View.phone()) { page in
            let browser = page.browser
            try await browser.waitUntil("!document.getElementById('gallery-empty').hidden")
            let shown = "return ['photos', 'storage', 'nothing'].filter((id) => !document.getElementById(id).hidden)"
            for hash in ["#/nowhere", "#nowhere", "#/photo/", "#/photo/%ZZ"] {
                try await browser.run("location.hash = '\(hash)'")
                try await browser.waitUntil("!document.getElementById('nothing').hidden")
                let parts: [String] = try await browser.script(shown)
                #expect(parts == ["nothing"])
                #expect(try await browser.find("#nothing h2").text == "There is nothing here")
                try await page.expectNothingSideways()
                #expect(try await page.expectReadableText() > 3)
                try await browser.find("#nothing a").click()
                try await browser.waitUntil("!document.getElementById('photos').hidden")
                #expect(try await browser.script(shown) == ["photos"])
            }
            for hash in ["#/storage/nowhere", "#/storage/bucket", "#/storage/bucket/%ZZ", "#/storage/bucket/a/nothing"] {
                try await browser.run("location.hash = '\(hash)'")
                try await browser.waitUntil("document.querySelector('#storage .empty h2')?.textContent === 'There is nothing here'")
                #expect(try await browser.script(shown) == ["storage"])
                try await browser.find("#storage .empty a").click()
                try await browser.waitUntil(
                    "location.hash === '#/storage' && !document.querySelector('#storage .empty h2')?.textContent.includes('nothing')")
            }
            // Going past the bar is no other place.
            try await browser.run("document.getElementById('skip').click()")
            #expect(try await browser.script("return location.hash + ' ' + document.activeElement.id") == "#/storage main")
            try await page.expectQuietConsole()
        }
    }

    @Test func aServerWithoutStorageSaysSoAtItsAddress() async throws {
        var view = Browser.View.phone()
        view.languages = "es,en"
        try await ConsolePage.visit(view, environment: ["AGROVET_S3": "false"]) { page in
            let browser = page.browser
            try await browser.run("location.hash = '#/storage'")
            try await browser.waitUntil("!document.getElementById('nothing').hidden")
            #expect(try await browser.find("#nothing h2").text == "Este servidor no tiene consola de almacenamiento")
            #expect(try await browser.find("#views").isShown == false)
            try await page.expectNothingSideways()
            #expect(try await page.expectReadableText() > 3)
            try await browser.screenshot("storage-off-es")
            try await browser.find("#nothing a").click()
            try await browser.waitUntil("!document.getElementById('photos').hidden")
            try await page.expectQuietConsole()
        }
    }

    @Test func everythingCanBeDoneWithTheKeyboardAlone() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            for title in ["Uno", "Dos", "Tres"] { _ = try await page.client.upload(sample: "photo.jpg", fields: ["title": title]) }
            try await page.waitForPictures(3)
            let focused = "document.activeElement.querySelector('.caption')?.textContent"

            try await page.tab(until: "document.activeElement.matches('.card-open')")
            #expect(try await browser.script("return \(focused)") == "Tres")
            // Where the focus is can be seen.
            #expect(try await browser.script("return parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2"))
            try await browser.press(.right)
            #expect(try await browser.script("return \(focused)") == "Dos")
            try await browser.press(.end)
            #expect(try await browser.script("return \(focused)") == "Uno")
            try await browser.press(.home, .right)
            try await browser.press(.enter)
            try await browser.waitUntil("document.getElementById('detail-heading').textContent === 'Dos'")

            try await browser.press(.right)
            try await browser.waitUntil("document.getElementById('detail-heading').textContent === 'Uno'")
            #expect(try await browser.find("#next").attribute("disabled") != nil)
            try await browser.press(.left)
            try await browser.waitUntil("document.getElementById('detail-heading').textContent === 'Dos'")
            try await page.tab(until: "document.activeElement.id === 'edit-title'")
            // Here the arrows move in the text.
            try await browser.press(.left)
            #expect(try await browser.find("#detail-heading").text == "Dos")
            try await browser.press(.escape)
            try await browser.waitUntil("!document.getElementById('detail').open")
            #expect(try await browser.script("return \(focused)") == "Dos")

            try await browser.press(.enter)
            try await browser.waitUntil("document.getElementById('detail').open")
            try await page.tab(until: "document.activeElement.id === 'delete'")
            try await browser.press(.enter)
            try await browser.waitUntil("document.getElementById('confirm').open")
            try await page.tab(until: "document.activeElement.id === 'confirm-yes'")
            try await browser.press(.enter)
            try await browser.waitUntil("document.querySelectorAll('.card').length === 2 && !document.getElementById('detail').open")
            #expect(try await page.captions == ["Tres", "Uno"])
            try await browser.waitUntil("document.activeElement.matches('.card-open')")
            try await page.expectQuietConsole()
        }
    }
}

extension ConsolePage {
    /// Presses Tab until the expression is true.
    func tab(until expression: String) async throws {
        for _ in 0..<60 {
            try await browser.press(.tab)
            if try await browser.script("return Boolean(\(expression))") { return }
        }
        throw Browser.Failure(description: "Tab never came to \(expression)")
    }
}
