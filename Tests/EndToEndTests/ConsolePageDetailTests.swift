import Foundation
import TestSupport
import Testing

/// One photo's dialog: its renditions, its words, its end.
@Suite(.serialized) struct ConsolePageDetailTests {
    @Test func everyRenditionIsListedWithASizeAndAnAddressThatAnswers() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            try await page.upload(["photo.jpg"])
            try await page.waitForPictures(1)
            try await page.openDetail()
            try await browser.waitUntil("document.querySelectorAll('.rendition').length === 8")
            try await browser.waitUntil("document.querySelector('.stage .frame.loaded')")
            try await browser.screenshot("detail")

            struct Rendition: Decodable {
                let address, facts: String
                let width, height, bytes: Int
            }
            let renditions: [Rendition] = try await browser.script(
                """
                return Promise.all([...document.querySelectorAll(".rendition")].map(async (row) => {
                  const address = row.querySelector("button").dataset.address;
                  const blob = await (await fetch(address)).blob();
                  const { width, height } = await createImageBitmap(blob);
                  return { address, width, height, bytes: blob.size, facts: row.querySelector(".rendition-facts").textContent };
                }));
                """)
            #expect(Set(renditions.map(\.address)).count == 8)
            for rendition in renditions {
                #expect(rendition.address.hasPrefix(page.server.baseURL + "/media/"))
                #expect(rendition.facts.hasPrefix("\(rendition.width.formatted(.number.locale(Locale(identifier: "en_US")))) × "))
                #expect(!rendition.facts.contains("being made") && rendition.bytes > 0)
            }

            // The clipboard asks a person, and there is none.
            try await browser.developerTools(
                "Browser.grantPermissions", ["permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]])
            // It is said for two seconds only.
            try await browser.run(
                """
                const element = document.getElementById("copied");
                window.said = [];
                new MutationObserver(() => window.said.push(element.textContent)).observe(element, { childList: true });
                """)
            try await browser.find(".rendition button").click()
            try await browser.waitUntil("window.said.includes('Address copied')")
            #expect(try await browser.script("return navigator.clipboard.readText()") == renditions[0].address)
            try await page.expectQuietConsole()
        }
    }

    @Test func titleDescriptionAndVisibilityAreKept() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            let id = try #require(try await page.client.upload(sample: "photo.jpg").json["id"] as? String)
            try await page.waitForPictures(1)
            try await page.openDetail()
            #expect(try await browser.find("#edit-save").attribute("disabled") != nil)
            try await browser.find("#edit-title").type("Vaca <b>normanda</b>")
            try await browser.find("#edit-alt").type("En el prado")
            try await browser.run("document.querySelector('[name=visibility][value=private]').click()")
            try await browser.find("#edit-save").click()
            try await browser.waitUntil("document.getElementById('edit-status').textContent === 'Saved'")
            let record = try await page.client.get("/api/media/\(id)/").json
            #expect(record["title"] as? String == "Vaca <b>normanda</b>")
            #expect(record["alt"] as? String == "En el prado")
            #expect(record["visibility"] as? String == "private")
            // What people write is text, never markup.
            #expect(try await page.captions == ["Vaca <b>normanda</b>"])
            #expect(try await browser.all("#detail-heading b, .caption b").isEmpty)
            #expect(try await browser.all(".card .badge.corner").count == 1)
            try await page.expectQuietConsole()
        }
    }

    @Test func whatWasTypedIsKeptWhenThePhotoIsLeft() async throws {
        try await ConsolePage.visit { page in
            let id = try #require(try await page.client.upload(sample: "photo.jpg").json["id"] as? String)
            try await page.waitForPictures(1)
            try await page.openDetail()
            try await page.browser.find("#edit-title").type("Ternero")
            try await page.browser.press(.escape)
            try await page.browser.waitUntil("!document.getElementById('detail').open")
            try await page.browser.waitUntil("document.querySelector('.caption').textContent === 'Ternero'")
            #expect(try await page.client.get("/api/media/\(id)/").json["title"] as? String == "Ternero")
        }
    }

    @Test func eventsDoNotSpoilWhatIsBeingTyped() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            let id = try #require(try await page.client.upload(sample: "photo.jpg").json["id"] as? String)
            try await page.waitForPictures(1)
            try await page.openDetail()
            let title = try await browser.find("#edit-title")
            for word in ["Vaca", "en", "el", "prado"] {
                try await title.type(word + " ")
                // What nobody is changing here follows, so the event is known to have come.
                #expect(try await page.client.send(.PATCH, "/api/media/\(id)/", json: #"{"alt": "\#(word)"}"#).status == 200)
                try await browser.waitUntil("document.getElementById('edit-alt').value === '\(word)'")
            }
            #expect(try await browser.script("return document.getElementById('edit-title').value") == "Vaca en el prado ")
            // Nor does saving in the middle of it.
            try await browser.press(.enter)
            try await browser.waitUntil("document.getElementById('edit-status').textContent === 'Saved'")
            #expect(try await page.client.get("/api/media/\(id)/").json["title"] as? String == "Vaca en el prado")
            try await title.type("verde")
            #expect(try await browser.script("return document.getElementById('edit-title').value") == "Vaca en el prado verde")
            try await browser.find("#edit-save").click()
            try await browser.waitUntil("document.querySelector('.caption').textContent === 'Vaca en el prado verde'")
            // What cannot be pressed looks so, also under the pointer that has just pressed it.
            try await browser.waitUntil("document.getElementById('edit-save').disabled && document.querySelector('#edit-save:hover')")
            try await browser.waitUntil(
                """
                getComputedStyle(document.getElementById('edit-save')).backgroundColor ===
                  getComputedStyle(document.querySelector('.stage')).backgroundColor
                """)
            #expect(try await page.expectReadableText() > 20)
            try await page.expectQuietConsole()
        }
    }

    @Test func deletingAsksFirst() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            let id = try #require(try await page.client.upload(sample: "photo.jpg").json["id"] as? String)
            try await page.waitForPictures(1)
            try await page.openDetail()
            try await browser.find("#delete").click()
            try await browser.waitUntil("document.getElementById('confirm').open")
            #expect(try await browser.script("return document.activeElement.id") == "confirm-no")
            try await browser.screenshot("delete")
            try await browser.press(.escape)
            try await browser.waitUntil("!document.getElementById('confirm').open && document.getElementById('detail').open")
            #expect(try await browser.script("return document.activeElement.id") == "delete")
            #expect(try await page.client.get("/api/media/\(id)/").status == 200)

            try await browser.find("#delete").click()
            try await browser.find("#confirm-yes").click()
            try await browser.waitUntil("!document.getElementById('detail').open && !document.querySelector('.card')")
            #expect(try await page.client.get("/api/media/\(id)/").status == 404)
            try await page.expectQuietConsole()
        }
    }

    @Test func theAddressOpensThePhotoAndBackClosesIt() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            let id = try #require(try await page.client.upload(sample: "photo.jpg").json["id"] as? String)
            try await page.waitForPictures(1)
            try await page.openDetail()
            #expect(try await browser.url.hasSuffix("/#/photo/\(id)"))
            try await browser.run("history.back()")
            try await browser.waitUntil("!document.getElementById('detail').open")
            try await browser.go(to: "about:blank")
            try await browser.go(to: "\(page.server.baseURL)/#/photo/\(id)")
            try await browser.waitUntil("document.getElementById('detail').open")
            try await browser.find("#detail-close").click()
            try await browser.waitUntil("!document.getElementById('detail').open && location.hash === ''")
        }
    }

    /// What an event tells while the record is asked for is newer than the answer.
    @Test func anAnswerThatWasOvertakenByAnEventChangesNothing() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            let id = try #require(try await page.client.upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"]).json["id"] as? String)
            try await page.waitForPictures(1)
            try await browser.run(
                """
                const ask = window.fetch;
                window.answered = false;
                window.letGo = null;
                window.fetch = async (address, ...more) => {
                  const answer = await ask(address, ...more);
                  if (String(address).includes("\(id)")) {
                    window.answered = true;
                    await new Promise((resolve) => { window.letGo = resolve; });
                  }
                  return answer;
                };
                """)
            try await page.openDetail()
            try await browser.waitUntil("window.answered")
            let changed = try await page.client.send(.PATCH, "/api/media/\(id)/", json: #"{"title":"Vaca nueva"}"#)
            #expect(changed.status == 200)
            let isShown = "document.getElementById('detail-heading').textContent === 'Vaca nueva'"
            try await browser.waitUntil(isShown)
            try await browser.run("window.letGo(); await new Promise((resolve) => setTimeout(resolve, 300));")
            #expect(try await browser.script("return \(isShown)"))
            #expect(try await page.captions == ["Vaca nueva"])
        }
    }
}
