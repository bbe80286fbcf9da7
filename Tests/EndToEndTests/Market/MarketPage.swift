import Foundation
import TestSupport
import Testing

/// The marketplace's page in a browser of its own, as one person uses it.
struct MarketPage: Sendable {
    static let password = "Pradera verde 9"

    let server: AgrovetProcess
    let browser: Browser
    /// What every screen of either page has to be.
    var looks: ConsolePage { ConsolePage(server: server, browser: browser, client: HTTPTestClient(server.baseURL)) }

    /// A server with one browser for each view, closed whatever happens.
    static func open(
        _ views: [Browser.View], environment: [String: String] = [:], _ body: ([MarketPage]) async throws -> Void
    ) async throws {
        let server = try await AgrovetProcess.start(
            arguments: ["--set", "throttle-anonymous=", "--set", "throttle-user="], environment: environment)
        var pages: [MarketPage] = []
        do {
            for view in views { pages.append(MarketPage(server: server, browser: try await Browser.open(view))) }
            for page in pages {
                try await page.browser.go(to: server.baseURL + "/market/")
                try await page.browser.waitUntil("document.querySelector('.feed .count')?.textContent")
            }
            try await body(pages)
        } catch {
            for page in pages { _ = try? await page.browser.screenshot("failure-\(UUID().uuidString)") }
            for page in pages { await page.browser.close() }
            await server.stop()
            throw error
        }
        for page in pages { await page.browser.close() }
        await server.stop()
    }

    func show(_ hash: String) async throws { try await browser.run("location.hash = '\(hash)'") }

    /// The hash, once it begins so.
    func arrive(at start: String) async throws -> String {
        try await browser.waitUntil("location.hash.startsWith('\(start)')")
        return try await browser.script("return location.hash")
    }

    func type(_ text: String, into name: String) async throws {
        let field = try await browser.find("[name='\(name)']")
        try await field.clear()
        try await field.type(text)
    }

    /// By the keyboard's way of choosing, which no renderer of a list gets in the way of.
    func choose(_ value: String, in name: String) async throws {
        _ = try await browser.find("select[name='\(name)']")
        try await browser.run(
            """
            const list = document.querySelector("select[name='\(name)']");
            list.value = "\(value)";
            for (const type of ["input", "change"]) list.dispatchEvent(new Event(type, { bubbles: true }));
            """)
    }

    /// Scrolls as a person does: what is in the window, behind the bar at its bottom, is visible to the driver.
    private func press(_ selector: String) async throws {
        let button = try await browser.find(selector)
        try await browser.run("document.querySelector(\"\(selector)\").scrollIntoView({ block: \"center\" });")
        try await button.click()
    }

    func signUp(_ name: String, first: String, role: String) async throws {
        try await show("#/sign-up")
        try await browser.find("input[value=\(role)]").click()
        try await type(first, into: "first_name")
        try await type(name, into: "username")
        try await type(Self.password, into: "password")
        try await press(".door-card button[type=submit]")
        try await browser.waitUntil("location.hash === '#/' && document.querySelector('.nav [data-for=user]').hidden === false")
    }

    /// Drops pictures that were drawn in the page, of these colours, onto it.
    func drop(_ colours: [String], on selector: String) async throws {
        _ = try await browser.find(selector)
        let list = colours.map { "\"\($0)\"" }.joined(separator: ", ")
        try await browser.run(
            """
            const transfer = new DataTransfer();
            for (const colour of [\(list)]) {
              const canvas = Object.assign(document.createElement("canvas"), { width: 2400, height: 1800 });
              const context = canvas.getContext("2d");
              context.fillStyle = colour;
              context.fillRect(0, 0, 2400, 1800);
              context.fillStyle = "rgb(255 255 255 / .5)";
              for (let i = 0; i < 80; i++) context.fillRect((i * 331) % 2400, (i * 577) % 1800, 120, 90);
              const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
              transfer.items.add(new File([blob], `${colour}.jpg`, { type: "image/jpeg" }));
            }
            const place = document.querySelector("\(selector)");
            place.dispatchEvent(new DragEvent("dragenter", { dataTransfer: transfer, bubbles: true, cancelable: true }));
            place.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
            """)
    }

    /// Writes an ad of cattle and publishes it; what its address is.
    func post(_ title: String, price: String, stock: String, photos: [String]) async throws -> String {
        try await show("#/new")
        if !photos.isEmpty { try await drop(photos, on: "#choose-photos") }
        try await type(title, into: "title")
        try await choose("cattle", in: "category")
        try await type(price, into: "price")
        try await type(stock, into: "stock")
        try await type("Montería", into: "location.place")
        try await press(".wide-form > button[type=submit]")
        return try await arrive(at: "#/ad/")
    }

    /// Every photo of the ad shows a rendition that really loaded.
    func waitForPhotos(_ count: Int) async throws {
        try await browser.waitUntil(
            """
            document.querySelectorAll(".thumbs li").length === \(count) && [...document.querySelectorAll(".thumbs .frame")].every((frame) =>
              frame.classList.contains("loaded") && frame.querySelector("picture img").naturalWidth > 0)
            """)
    }

    /// What every screen has to be: nothing sideways, room for thumbs, text that can be read, a name for every control.
    func expectGoodManners(at location: SourceLocation = #_sourceLocation) async throws {
        try await looks.expectNothingSideways(at: location)
        #expect(try await looks.expectReadableText(at: location) > 5, sourceLocation: location)
        let small: [String] = try await browser.script(
            """
            return [...document.querySelectorAll("button, nav a, a.button, a.chip, a.card-link, a.order-row, select, input, textarea, summary")]
              .filter((element) => element.checkVisibility() && !element.closest(".visually-hidden"))
              .map((element) => (element.matches("[type=checkbox]") ? element.closest("label") : element))
              .filter((element) => element.getBoundingClientRect().height < 44 || element.getBoundingClientRect().width < 44)
              .map((element) => `${element.id || element.className || element.name} ${element.getBoundingClientRect().height}`);
            """)
        #expect(small == [], sourceLocation: location)
        let nameless: [String] = try await browser.script(
            """
            return [...document.querySelectorAll("button, a, select, input, textarea")]
              .filter((element) => element.checkVisibility() && !element.closest(".visually-hidden"))
              .filter((element) => !(element.getAttribute("aria-label") || element.textContent.trim() || element.labels?.[0]?.textContent.trim()))
              .map((element) => element.outerHTML.slice(0, 120));
            """)
        #expect(nameless == [], sourceLocation: location)
        // A sentence that is missing shows its key.
        let keys: [String] = try await browser.script(
            "return document.body.innerText.match(/\\b[a-z]+(\\.[a-zA-Z]+)+\\b/g)?.filter((word) => !/@/.test(word)) ?? []")
        #expect(keys.filter { $0.hasPrefix("edit.") || $0.hasPrefix("state.") || $0.hasPrefix("order.") || $0.hasPrefix("ad") } == [])
    }
}
