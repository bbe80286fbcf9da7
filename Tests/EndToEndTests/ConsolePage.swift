import Foundation
import TestSupport
import Testing

/// The console page of a new server in a new browser, for one test.
struct ConsolePage: Sendable {
    let server: AgrovetProcess
    let browser: Browser
    let client: HTTPTestClient

    /// Opens the page, hands it to `body`, and closes server and browser whatever happens.
    static func visit(
        _ view: Browser.View = Browser.View(), signedIn: Bool = true, environment: [String: String] = [:],
        _ body: (ConsolePage) async throws -> Void
    ) async throws {
        let server = try await AgrovetProcess.start(environment: environment)
        do {
            let browser = try await Browser.open(view)
            do {
                let page = ConsolePage(server: server, browser: browser, client: HTTPTestClient(server))
                try await browser.go(to: signedIn ? server.consoleURL : server.baseURL + "/")
                try await browser.waitUntil("document.getElementById('\(signedIn ? "workspace" : "sign-in")')?.hidden === false")
                try await body(page)
            } catch {
                _ = try? await browser.screenshot("failure-\(UUID().uuidString)")
                await browser.close()
                throw error
            }
            await browser.close()
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// Chooses files of `samples/`, as a person does with the button.
    func upload(_ samples: [String]) async throws {
        try await browser.find("#files").type(samples.map(Executables.sample).joined(separator: "\n"))
    }

    /// Waits until exactly `count` photos are in the gallery and each shows a rendition that really loaded.
    func waitForPictures(_ count: Int) async throws {
        try await browser.waitUntil(
            """
            document.querySelectorAll(".card").length === \(count) && [...document.querySelectorAll(".card")].every((card) => {
              const image = card.querySelector("picture img");
              return image?.complete && image.naturalWidth > 0 && card.querySelector(".frame.loaded");
            })
            """)
    }

    /// The names under the photos, in their order.
    var captions: [String] {
        get async throws {
            try await browser.script("return [...document.querySelectorAll('.caption')].map((caption) => caption.textContent)")
        }
    }

    /// The photo's dialog, opened by a click on the card at `index`.
    func openDetail(of index: Int = 0) async throws {
        try await browser.all(".card-open")[index].click()
        try await browser.waitUntil("document.getElementById('detail').open")
    }

    /// No script failed, nothing was refused by the Content-Security-Policy, no request failed but those that are meant to.
    func expectQuietConsole(allowing allowed: [String] = [], at location: SourceLocation = #_sourceLocation) async throws {
        let severe = try await browser.log().filter { entry in
            ["SEVERE", "WARNING"].contains(entry.level) && !allowed.contains { entry.message.contains($0) }
        }
        #expect(severe.map(\.message) == [], sourceLocation: location)
    }
}
