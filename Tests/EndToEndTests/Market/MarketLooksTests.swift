import Foundation
import TestSupport
import Testing

/// How the page at `/market/` looks and behaves on every kind of screen, and what it says when something is wrong.
@Suite(.serialized) struct MarketLooksTests {
    struct Look: Sendable, CustomTestStringConvertible {
        let name: String
        let languages: String
        let isPhone: Bool
        let isDark: Bool
        var testDescription: String { name }

        var view: Browser.View {
            var view = isPhone ? Browser.View.phone() : Browser.View()
            view.languages = languages
            view.isDark = isDark
            return view
        }
    }

    private static let looks = [
        Look(name: "phone-es-dark", languages: "es-CO,es", isPhone: true, isDark: true),
        Look(name: "phone-en", languages: "en-US,en", isPhone: true, isDark: false),
        Look(name: "desktop-es", languages: "es-CO,es", isPhone: false, isDark: false),
        Look(name: "desktop-en-dark", languages: "en-US,en", isPhone: false, isDark: true),
    ]

    @Test(arguments: looks)
    func everyViewIsLegibleAndFitsItsScreen(_ look: Look) async throws {
        try await MarketPage.open([look.view]) { pages in
            let page = pages[0]
            #expect(try await page.browser.script("return document.documentElement.lang") == String(look.languages.prefix(2)))
            #expect(try await page.browser.find(".empty").isShown)
            try await page.expectGoodManners()
            for view in ["sign-in", "sign-up"] {
                try await page.show("#/\(view)")
                _ = try await page.browser.find(".door-card")
                try await page.expectGoodManners()
            }
            try await page.signUp("rosa", first: "Rosa", role: "Businessman")
            let address = try await page.post(
                "Novillas Brahman de 18 meses, vacunadas", price: "1250", stock: "8", photos: ["green", "brown"])
            try await page.waitForPhotos(2)
            try await page.expectGoodManners()
            try await page.browser.screenshot("market-\(look.name)-ad")
            let views = [
                ("#/", ".card .frame.loaded"), ("#/new", "#choose-photos"), ("#/mine", ".card .frame.loaded"), ("#/orders", ".empty"),
                ("#/saved", ".empty"), ("#/account", ".sessions li"),
            ]
            for (hash, sign) in views {
                try await page.show(hash)
                _ = try await page.browser.find(sign)
                try await page.expectGoodManners()
                try await page.browser.screenshot("market-\(look.name)-\(hash.dropFirst(2).isEmpty ? "feed" : String(hash.dropFirst(2)))")
            }
            // The way back leads where one was.
            try await page.show(address)
            _ = try await page.browser.find(".ad-words h1")
            try await page.browser.run("history.back()")
            try await page.browser.waitUntil("location.hash === '#/account' && document.querySelector('.account')")
            // Who has no profile yet is told so by a 404.
            try await page.looks.expectQuietConsole(allowing: ["status of 404"])
        }
    }

    @Test func whatIsWrongIsSaidAtItsField() async throws {
        try await MarketPage.open([Browser.View()]) { pages in
            let page = pages[0]
            try await page.show("#/sign-up")
            try await page.type("rosa", into: "username")
            try await page.type("12345", into: "password")
            try await page.browser.find(".door-card button[type=submit]").click()
            try await page.browser.waitUntil("document.querySelector('[name=password]').getAttribute('aria-invalid') === 'true'")
            #expect(try await page.browser.script("return document.activeElement.name") == "password")
            // The server's own sentences, in the language of the page.
            try await page.browser.find("[data-language=es]").click()
            try await page.browser.find(".door-card button[type=submit]").click()
            try await page.browser.waitUntil(
                "document.getElementById(document.querySelector('[name=password]').id + '-problem').textContent.includes('contraseña')")
            try await page.show("#/sign-in")
            try await page.type("nobody", into: "username")
            try await page.type("something else", into: "password")
            try await page.browser.find(".door-card button[type=submit]").click()
            try await page.browser.waitUntil("document.querySelector('.door-card .problem.boxed')?.hidden === false")
            #expect(try await page.browser.find(".door-card .problem.boxed").text == "El usuario o la contraseña no son correctos.")
            // What needs an account leads to signing in, and from there on.
            try await page.show("#/orders")
            _ = try await page.browser.find(".door-card")
            try await page.show("#/ad/01900000-0000-7000-8000-000000000000")
            #expect(try await page.browser.find(".empty[role=alert]").text.contains("Ya no está aquí."))
        }
    }

    @Test func anAddressThatLeadsNowhereSaysSo() async throws {
        try await MarketPage.open([Browser.View.phone()]) { pages in
            let page = pages[0]
            for hash in ["#/nowhere", "#/ad/12", "#nowhere", "#/seller/%ZZ"] {
                try await page.show(hash)
                try await page.browser.waitUntil("document.querySelector('.nothing h2')")
                #expect(try await page.browser.find(".nothing h2").text == "There is nothing here")
                #expect(try await page.browser.script("return document.title") == "There is nothing here · Agrovet")
                #expect(try await page.browser.script("return location.hash") == hash, "the address stays to be mended")
                try await page.expectGoodManners()
                try await page.browser.find(".nothing a.button").click()
                try await page.browser.waitUntil("location.hash === '#/' && document.querySelector('.feed')")
            }
            try await page.browser.screenshot("market-feed-after-nothing")
            try await page.looks.expectQuietConsole()
            // The link of a letter, opened where the page is already.
            try await page.show("#reset=a-secret")
            try await page.browser.waitUntil("location.hash === '#/new-password' && document.querySelector('[name=new_password]')")
        }
    }

    @Test func aSessionThatEndedInADialogLeadsToSigningInAndBack() async throws {
        try await MarketPage.open([Browser.View(), Browser.View.phone()]) { pages in
            let (seller, buyer) = (pages[0], pages[1])
            try await seller.signUp("rosa", first: "Rosa", role: "Businessman")
            let address = try await seller.post("Hay, first cut", price: "40", stock: "9", photos: [])
            try await buyer.signUp("mateo", first: "Mateo", role: "Consumer")
            try await buyer.show(address)
            try await buyer.browser.find(".offer .button.primary").click()
            _ = try await buyer.browser.find("dialog.buy")
            // Ended from elsewhere.
            try await buyer.browser.run(
                "await fetch('/api/session/', { method: 'DELETE', headers: { 'X-Requested-With': 'agrovet' } });")
            try await buyer.browser.find("dialog.buy button[type=submit]").click()
            try await buyer.browser.waitUntil("document.querySelector('dialog.buy .problem.boxed')?.hidden === false")
            #expect(try await buyer.browser.find("dialog.buy .problem.boxed span").text == "You are not signed in.")
            try await buyer.expectGoodManners()
            try await buyer.browser.screenshot("market-dialog-signed-out")
            try await buyer.browser.find("dialog.buy .problem.boxed a.button").click()
            try await buyer.browser.waitUntil("!document.querySelector('dialog[open]') && document.querySelector('.door-card')")
            try await buyer.type("mateo", into: "username")
            try await buyer.type(MarketPage.password, into: "password")
            try await buyer.browser.find(".door-card button[type=submit]").click()
            #expect(try await buyer.arrive(at: "#/ad/") == address)
            try await buyer.browser.find(".offer .button.primary").click()
            _ = try await buyer.browser.find("dialog.buy")
        }
    }

    /// Elena signs up, posts an ad and gives her profile a photo; the ad's address.
    private func sell(_ owner: MarketPage) async throws -> String {
        try await owner.signUp("elena", first: "Elena", role: "Specialist")
        let address = try await owner.post("A visit to the farm", price: "50", stock: "3", photos: [])
        try await owner.show("#/account")
        try await owner.browser.waitUntil("document.querySelector('.me-head .button')?.hidden === false")
        try await owner.drop(["purple"], on: ".me")
        try await owner.browser.waitUntil("document.querySelector('.me .portrait.loaded picture img')?.naturalWidth > 0")
        return address
    }

    @Test func theProfileHasAPhoto() async throws {
        try await MarketPage.open([Browser.View(), Browser.View()]) { pages in
            let (owner, guest) = (pages[0], pages[1])
            let address = try await sell(owner)
            try await owner.browser.screenshot("market-profile")
            try await guest.show(address)
            try await guest.browser.find(".seller").click()
            try await guest.browser.waitUntil("document.querySelector('.seller-head .portrait.loaded picture img')?.naturalWidth > 0")
            try await guest.browser.screenshot("market-seller")
        }
    }

    @Test func aSellerWithALicenceIsSeenAsOne() async throws {
        var phone = Browser.View.phone()
        phone.languages = "es-CO,es"
        try await MarketPage.open([Browser.View(), phone]) { pages in
            let (owner, buyer) = (pages[0], pages[1])
            let address = try await sell(owner)
            let profile: String = try await owner.browser.script(
                """
                const ask = async (method, path, body) => (await fetch(path, {
                  method, headers: { "Content-Type": "application/json", "X-Requested-With": "agrovet" }, body: JSON.stringify(body),
                })).json();
                const { id } = await ask("PATCH", "/api/profiles/specialists/me/", {
                  display_name: "Dra. Elena Ruiz", licence_number: "TP-7", licensing_body: "COMVEZCOL", location: { city: "Chía" },
                });
                const { status } = await ask("POST", `/api/profiles/specialists/${id}/verification/`, {});
                return status === "requested" ? id : status;
                """)
            let staff = HTTPTestClient(owner.server)
            let path = "/api/profiles/specialists/\(profile)/"
            #expect(try await staff.send(.POST, path + "verification/", json: #"{"status":"verified"}"#).status == 200)
            #expect(try await staff.send(.POST, path + "reviews/", json: #"{"rating":4}"#).status == 201)
            let add = "/api/adds/\(address.split(separator: "/").last ?? "")/"
            _ = try await staff.poll(add) { answer in
                let seller = answer.json["seller"] as? [String: Any]
                return (seller?["rating"] as? [String: Any])?["count"] as? Int == 1
                    && (seller?["photo"] as? [String: Any])?["status"] as? String == "ready"
            }

            // Found among those who are verified; searched for, the best match is first.
            try await buyer.show("#/?verified=true&search=visit")
            try await buyer.browser.waitUntil("document.querySelectorAll('.card').length === 1")
            let orders: [String] = try await buyer.browser.script(
                "return [...document.querySelectorAll('.results select option')].filter((one) => !one.hidden).map((one) => one.textContent)"
            )
            #expect(orders.prefix(2) == ["Lo que mejor encaja", "Lo más nuevo"])
            #expect(try await buyer.browser.script("return document.querySelector('.filter-button .number').textContent") == "1")
            try await buyer.browser.find(".card-link").click()
            #expect(try await buyer.arrive(at: "#/ad/") == address)
            try await buyer.browser.waitUntil("document.querySelector('.seller .portrait.loaded picture img')?.naturalWidth > 0")
            #expect(try await buyer.browser.find(".seller strong").text == "Dra. Elena Ruiz")
            #expect(try await buyer.browser.find(".seller .verified").text == "Licencia verificada")
            try await buyer.expectGoodManners()
            try await buyer.browser.screenshot("market-seller-verified-ad")
            try await buyer.browser.find(".seller").click()
            try await buyer.browser.waitUntil("document.querySelector('.seller-head .portrait.loaded picture img')?.naturalWidth > 0")
            #expect(try await buyer.browser.find(".seller-head .verified").text == "Licencia verificada")
            let facts = try await buyer.browser.find(".seller-head .facts-line").text
            #expect(facts.contains("Chía") && facts.contains("4 de 5 (1 reseña)"))
            try await buyer.expectGoodManners()
            try await buyer.browser.screenshot("market-seller-verified")

            // In the order too.
            try await buyer.signUp("mateo", first: "Mateo", role: "Consumer")
            try await buyer.show(address)
            try await buyer.browser.find(".offer .button.primary").click()
            try await buyer.browser.find("dialog.buy button[type=submit]").click()
            _ = try await buyer.arrive(at: "#/orders/")
            try await buyer.browser.waitUntil("document.querySelector('.person .portrait.loaded picture img')?.naturalWidth > 0")
            #expect(try await buyer.browser.find(".person .verified").text == "Licencia verificada")
            try await buyer.expectGoodManners()
            try await buyer.browser.screenshot("market-order-verified")
        }
    }
}
