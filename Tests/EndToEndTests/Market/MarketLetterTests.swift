import Foundation
import TestSupport
import Testing

/// The links of letters lead to the marketplace's page.
@Suite struct MarketLetterTests {
    /// The secret behind a mark in the only letter there is.
    private func secret(_ server: AgrovetProcess, _ mark: String) async throws -> String {
        let folder = server.dataFolder + "/mail"
        let deadline = ContinuousClock.now + Patience.usual
        var name: String?
        while name == nil, ContinuousClock.now < deadline {
            name = try? FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".eml") }
            if name == nil { try await Task.sleep(for: .milliseconds(50)) }
        }
        let script = Executables.packageRoot + "/Tests/AuthServiceTests/Scripts/read_mail.py"
        let letter = try await ChildProcess.run("python3", [script, folder + "/" + (try #require(name))])
        let body = try #require((try JSONSerialization.jsonObject(with: Data(letter.output.utf8)) as? [String: String])?["body"])
        let range = try #require(body.range(of: mark), "\(body)")
        return String(body[range.upperBound...].prefix { !$0.isWhitespace })
    }

    @Test func whoFollowsALetterSignsInAndConfirmsTheAddress() async throws {
        try await MarketPage.open([Browser.View()]) { pages in
            let page = pages[0]
            let made = try await HTTPTestClient(page.server.baseURL).send(
                .POST, "/api/auth/register/",
                json: #"{"username":"rosa","password":"\#(MarketPage.password)","email":"rosa@example.org"}"#)
            let access = try #require(made.json["access"] as? String, "\(made.text)")
            let token = try await secret(page.server, "#verify=")
            try await page.browser.go(to: page.server.baseURL + "/#verify=" + token)
            // On a device where nobody is signed in.
            _ = try await page.arrive(at: "#/verify")
            try await page.type("rosa", into: "username")
            try await page.type(MarketPage.password, into: "password")
            try await page.browser.find(".door-card button[type=submit]").click()
            try await page.browser.waitUntil(
                "!document.querySelector('[name=username]') && document.querySelector('.door-card button[type=submit]')")
            #expect(try await page.browser.script("return location.hash") == "#/verify", "the secret does not stay in the address")
            try await page.browser.find(".door-card button[type=submit]").click()
            try await page.browser.waitUntil("document.querySelector('.door-card .thanks')")
            let rosa = try await HTTPTestClient(page.server.baseURL, token: access).get("/api/auth/me/")
            #expect(rosa.json["email_verified"] as? Bool == true)
        }
    }

    /// The form to sign in stands where one wanted to go, and gives way to it.
    @Test func signingInGoesOnWhereOneWantedToGo() async throws {
        try await MarketPage.open([Browser.View()]) { pages in
            let page = pages[0]
            _ = try await HTTPTestClient(page.server.baseURL).send(
                .POST, "/api/auth/register/", json: #"{"username":"rosa","password":"\#(MarketPage.password)"}"#)
            try await page.show("#/orders")
            try await page.type("rosa", into: "username")
            try await page.type(MarketPage.password, into: "password")
            try await page.browser.find(".door-card button[type=submit]").click()
            try await page.browser.waitUntil("location.hash === '#/orders' && !document.querySelector('.door-card')")
        }
    }
}
