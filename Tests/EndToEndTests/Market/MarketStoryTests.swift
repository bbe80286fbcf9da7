import Foundation
import TestSupport
import Testing

/// The page at `/market/`, in real Chromium: what people do there.
@Suite(.serialized) struct MarketStoryTests {
    private static func phone(_ languages: String) -> Browser.View {
        var view = Browser.View.phone()
        view.languages = languages
        return view
    }

    @Test func aBreederSellsAndAVetBuys() async throws {
        try await MarketPage.open([Browser.View(), Self.phone("es-CO,es")]) { pages in
            let (breeder, vet) = (pages[0], pages[1])
            try await breeder.signUp("rosa", first: "Rosa", role: "Businessman")
            try await vet.signUp("mateo", first: "Mateo", role: "Specialist")

            // Posted while the photos are on their way or being prepared.
            let address = try await breeder.post(
                "Brahman heifers, 18 months", price: "1,250.50", stock: "8", photos: ["green", "brown", "navy"])
            try await breeder.browser.waitUntil("document.querySelectorAll('.thumbs .frame').length === 3")
            // Placeholders turn into renditions by themselves.
            try await breeder.waitForPhotos(3)
            try await breeder.browser.screenshot("market-ad")

            // The vet finds it by a word of it, keeps it, and sees the same.
            try await vet.browser.find(".search input").type("heifer")
            try await vet.browser.waitUntil("location.hash.includes('search=heifer') && document.querySelectorAll('.card').length === 1")
            try await vet.browser.find(".card .heart").click()
            try await vet.browser.waitUntil("document.querySelector('.heart').getAttribute('aria-pressed') === 'true'")
            try await vet.browser.screenshot("market-search-es")
            try await vet.browser.find(".card-link").click()
            #expect(try await vet.arrive(at: "#/ad/") == address)
            try await vet.waitForPhotos(3)

            // Three of eight.
            try await vet.browser.find(".offer .button.primary").click()
            try await vet.browser.find("dialog.buy .stepper .button:last-child").click()
            try await vet.browser.find("dialog.buy .stepper .button:last-child").click()
            #expect(try await vet.browser.find("dialog.buy .total strong").text.contains("3.751,50"))
            try await vet.browser.screenshot("market-buy-es")
            try await vet.browser.find("dialog.buy button[type=submit]").click()
            _ = try await vet.arrive(at: "#/orders/")
            #expect(try await vet.browser.find(".thanks").text.contains("¡Es tuyo!"))
            try await vet.browser.screenshot("market-order-es")
            // The breeder, who looks at the ad, sees the stock go down.
            try await breeder.browser.waitUntil("document.querySelector('.stock').dataset.stock === '5'")

            // Both have the order, and may do what its state lets them.
            try await breeder.show("#/orders?role=seller")
            try await breeder.browser.find(".orders .order-row").click()
            for state in ["paid", "shipped"] {
                try await breeder.browser.find(".actions .button.primary").click()
                try await breeder.browser.waitUntil("document.querySelector('.page-head .state.\(state)')")
            }
            try await vet.show("#/orders")
            try await vet.browser.waitUntil("document.querySelector('.orders .state.shipped')")
            try await vet.browser.find(".orders .order-row").click()
            #expect(try await vet.browser.find(".actions .button.primary").text == "Ya lo recibí")
            try await vet.browser.find(".actions .button.primary").click()
            try await vet.browser.waitUntil("document.querySelectorAll('.history li').length === 4")

            // A photo that the breeder deletes is gone, for the vet as well, who is looking.
            try await vet.show(address)
            try await vet.waitForPhotos(3)
            try await breeder.show(address)
            try await breeder.waitForPhotos(3)
            let photo: String = try await breeder.browser.script("return document.querySelector('.slides .frame').dataset.id")
            try await breeder.browser.find(".ad-gallery .button.danger").click()
            try await breeder.browser.find("#confirm-yes").click()
            try await breeder.waitForPhotos(2)
            try await vet.waitForPhotos(2)
            let gone: Bool = try await vet.browser.script(
                "return ![...document.querySelectorAll('.frame')].some((frame) => frame.dataset.id === '\(photo)')")
            #expect(gone)
            #expect(try await HTTPTestClient(vet.server.baseURL).get("/media/\(photo)/original").status == 404)

            // What the vet keeps is still there.
            try await vet.show("#/saved")
            try await vet.browser.waitUntil("document.querySelectorAll('.saved .card').length === 1")
            try await breeder.looks.expectQuietConsole()
            try await vet.looks.expectQuietConsole()
        }
    }

    @Test func aPurchaseWhoseAnswerIsLostHappensOnce() async throws {
        try await MarketPage.open([Browser.View(), Browser.View()]) { pages in
            let (seller, buyer) = (pages[0], pages[1])
            try await seller.signUp("rosa", first: "Rosa", role: "Businessman")
            try await buyer.signUp("mateo", first: "Mateo", role: "Consumer")
            let address = try await seller.post("Calves", price: "300", stock: "10", photos: [])
            try await buyer.show(address)
            _ = try await buyer.browser.find(".offer .button.primary")
            // The server gets the request, and the answer gets lost: twice.
            try await buyer.browser.run(
                """
                const real = window.fetch;
                window.lost = [];
                window.fetch = async (path, options) => {
                  const answer = await real(path, options);
                  if (!String(path).includes("/purchase/") || window.lost.length === 2) return answer;
                  window.lost.push(options.headers["Idempotency-Key"]);
                  throw new TypeError("network");
                };
                """)
            try await buyer.browser.find(".offer .button.primary").click()
            try await buyer.browser.find("dialog.buy button[type=submit]").click()
            _ = try await buyer.arrive(at: "#/orders/")
            let keys: [String] = try await buyer.browser.script("return window.lost")
            #expect(keys.count == 2 && keys[0] == keys[1] && keys[0].count == 32)
            let counts: [Int] = try await buyer.browser.script(
                """
                const orders = await (await fetch("/api/orders/?role=buyer")).json();
                const add = await (await fetch("/api/adds/" + orders.results[0].add + "/")).json();
                return [orders.results.length, Number(add.stock)];
                """)
            #expect(counts == [1, 9])
        }
    }

    @Test func anAdIsChangedPausedAndDeletedByItsSeller() async throws {
        try await MarketPage.open([Browser.View()]) { pages in
            let seller = pages[0]
            try await seller.signUp("rosa", first: "Rosa", role: "Businessman")
            _ = try await seller.post("Hay bales", price: "12.5", stock: "40", photos: ["gold", "olive"])
            try await seller.waitForPhotos(2)
            let before: [String] = try await seller.photoIDs
            try await seller.browser.find(".owner-tools a").click()
            // The last photo becomes the cover by the keyboard; two variants instead of one.
            _ = try await seller.browser.find(".tile:nth-child(2) .tile-handle")
            try await seller.browser.run("document.querySelector('.tile:nth-child(2) .tile-handle').focus()")
            try await seller.browser.press(.left)
            try await seller.browser.find(".variant-rows + .button").click()
            let message: String = try await seller.browser.script(
                "document.querySelector('.wide-form > button[type=submit]').click(); return document.activeElement.name")
            #expect(message == "price" || message == "name")
            for (index, text) in ["Small", "Large"].enumerated() {
                let row = ".variant-row:nth-child(\(index + 1))"
                try await seller.browser.find("\(row) [name=name]").type(text)
            }
            try await seller.browser.find(".variant-row:nth-child(2) [name=price]").type("20")
            try await seller.browser.screenshot("market-edit")
            try await seller.browser.find(".wide-form > button[type=submit]").click()
            _ = try await seller.browser.find(".variants li:nth-child(2)")
            #expect(try await seller.photoIDs == before.reversed())

            try await seller.browser.find(".owner-tools button").click()
            try await seller.browser.waitUntil("document.querySelector('.where .state.paused')")
            try await seller.show("#/mine?state=paused")
            try await seller.browser.waitUntil("document.querySelectorAll('.mine .card').length === 1")
            try await seller.browser.find(".mine .button.danger").click()
            try await seller.browser.find("#confirm-yes").click()
            try await seller.browser.waitUntil("document.querySelectorAll('.mine .card').length === 0")
            try await seller.looks.expectQuietConsole()
        }
    }

    @Test func aKeyForAProgramIsMadeAndTakenBack() async throws {
        try await MarketPage.open([Self.phone("es-CO,es")]) { pages in
            let page = pages[0]
            try await page.signUp("rosa", first: "Rosa", role: "Businessman")
            try await page.show("#/account")
            _ = try await page.browser.find(".sessions li")
            try await page.browser.run(
                "[...document.querySelectorAll('.panel')].find((panel) => panel.querySelector('.keys')).open = true")
            try await page.browser.waitUntil("document.querySelector('.keys')?.children.length === 0")
            try await page.browser.run("document.querySelector('.keys + .button').click()")
            // Nothing is chosen yet: the server says so at its field, in Spanish.
            _ = try await page.browser.find("dialog .form")
            try await page.type("Carga de fotos", into: "name")
            try await page.browser.run("document.querySelector('dialog button[type=submit]').click()")
            try await page.browser.waitUntil("[...document.querySelectorAll('dialog .problem')].some((words) => !words.hidden)")
            try await page.expectGoodManners()
            try await page.browser.run("for (const n of [0, 1]) document.querySelectorAll('dialog .tick input')[n].click()")
            try await page.browser.screenshot("market-key-es")
            try await page.browser.run("document.querySelector('dialog button[type=submit]').click()")
            try await page.browser.waitUntil("document.querySelector('dialog .secret')?.value.startsWith('agv_')")
            try await page.expectGoodManners()
            try await page.browser.screenshot("market-key-made-es")
            let key: String = try await page.browser.script("return document.querySelector('dialog .secret').value")
            let program = HTTPTestClient(page.server.baseURL, token: key)
            #expect(try await program.get("/api/media/").status == 200)
            #expect(try await program.get("/api/orders/").status == 403)
            try await page.browser.run("document.querySelector('dialog .close').click()")
            try await page.browser.waitUntil("document.querySelectorAll('.keys li').length === 1")
            let told: String = try await page.browser.script("return document.querySelector('.keys li').textContent")
            #expect(told.contains("Carga de fotos") && told.contains("media:read, media:write") && !told.contains(key))
            try await page.browser.run("document.querySelector('.keys li .button').scrollIntoView({ block: 'center' })")
            try await page.browser.screenshot("market-keys-es")
            try await page.browser.find(".keys li .button").click()
            try await page.browser.run("document.querySelector('dialog button[type=submit]').click()")
            try await page.browser.waitUntil(
                "document.querySelectorAll('.keys li').length === 0 && !document.querySelector('dialog[open]')")
            #expect(try await program.get("/api/media/").status == 401)
            // Who has no profile yet is told so by a 404, and the refused form by a 400.
            try await page.looks.expectQuietConsole(allowing: ["status of 404", "status of 400"])
        }
    }
}

extension MarketPage {
    fileprivate var photoIDs: [String] {
        get async throws {
            try await browser.script("return [...document.querySelectorAll('.thumbs .frame')].map((frame) => frame.dataset.id)")
        }
    }
}
