import Foundation
import TestSupport
import Testing

/// The storage view in a real browser. One at a time: each test has a server and a browser of its own.
@Suite(.serialized) struct ConsolePageStorageTests {
    @Test func aBucketIsMadeFilledLookedIntoAndEmptied() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            try await browser.find("#views [data-view=storage]").click()
            try await browser.waitUntil("document.querySelectorAll('.bucket').length === 1")
            try await page.makeBucket("farm-photos", ticking: ["versioning"])
            #expect(try await browser.url.hasSuffix("#/storage/bucket/farm-photos/objects/"))

            try await page.choose(["photo.jpg", "alpha.png"])
            try await browser.waitUntil("document.querySelectorAll('.objects tbody tr').length === 2")
            try await browser.waitUntil("document.querySelector('.transfers h2').textContent === '2 files uploaded'")
            let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
            #expect(try await S3TestClient(page.server).get("farm-photos/photo.jpg").body == photo)

            // A picture is shown, whole, from this origin.
            try await page.open("photo.jpg")
            try await browser.waitUntil("document.querySelector('.object-preview')?.naturalWidth > 0")
            try await browser.screenshot("storage-object")
            let bytes: Int = try await browser.script(
                "return (await (await fetch(document.querySelector('.object a[href*=content]').href)).arrayBuffer()).byteLength")
            #expect(bytes == photo.count)

            // A link for somebody else.
            try await page.press("Link", in: ".object")
            try await page.press("Make link", in: "dialog:last-of-type")
            try await browser.waitUntil("document.querySelector('.link-result input')")
            let link: String = try await browser.script("return document.querySelector('.link-result input').value")
            #expect(try await HTTPTestClient("").get(link).body == photo)
            try await browser.press(.escape)
            try await browser.waitUntil("document.querySelectorAll('dialog[open]').length === 1")

            // Deleted, and brought back from the versions.
            try await page.press("Delete", in: ".object")
            try await browser.find("#confirm-yes").click()
            try await browser.waitUntil("document.querySelectorAll('.objects tbody tr').length === 1")
            try await browser.find(".objects-bar input").click()
            try await browser.waitUntil("document.querySelectorAll('.objects tbody tr').length === 3")
            try await page.open("photo.jpg")
            try await browser.waitUntil("document.querySelectorAll('.version').length === 2")
            try await browser.screenshot("storage-versions")
            try await page.press("Bring back", in: ".versions")
            try await browser.waitUntil("document.querySelectorAll('.objects tbody tr').length === 4")
            #expect(try await S3TestClient(page.server).get("farm-photos/photo.jpg").body == photo)

            // The bucket goes when it is empty.
            try await browser.go(to: page.server.baseURL + "/#/storage/bucket/farm-photos/settings")
            try await page.press("Delete bucket", in: ".settings")
            try await browser.find("#confirm-yes").click()
            try await browser.waitUntil("[...document.querySelectorAll('.problem')].some((line) => line.textContent.includes('not empty'))")
            try await page.press("Empty bucket", in: ".settings")
            try await browser.find("#confirm-yes").click()
            try await browser.waitUntil("document.getElementById('toast').textContent === '4 items deleted'")
            try await page.press("Delete bucket", in: ".settings")
            try await browser.find("#confirm-yes").click()
            try await browser.waitUntil("location.hash === '#/storage' && document.querySelectorAll('.bucket').length === 1")
            try await page.expectQuietConsole(allowing: ["409"])
        }
    }

    @Test func foldersAreWalkedThroughAndDeletedWhole() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            let client = page.client
            _ = try await client.send(.POST, "/api/storage/buckets/", json: #"{"name": "folders"}"#)
            for key in ["2025/a%20b/one.txt", "2025/two.txt", "top.txt"] {
                _ = try await client.request(.PUT, "/api/storage/buckets/folders/content/?key=\(key)", body: Data("x".utf8))
            }
            try await browser.go(to: page.server.baseURL + "/#/storage/bucket/folders/objects/")
            try await browser.waitUntil("document.querySelectorAll('.objects tbody tr').length === 2")
            try await browser.find(".objects a.object-name").click()
            try await browser.waitUntil("document.querySelectorAll('.crumbs li').length === 2")
            try await browser.find(".objects a.object-name").click()
            try await browser.waitUntil("document.querySelector('.objects tbody')?.textContent.includes('one.txt')")
            #expect(try await browser.all(".crumbs li").count == 3)
            try await browser.run("history.back()")
            try await browser.waitUntil("document.querySelector('.objects tbody')?.textContent.includes('two.txt')")
            try await browser.find(".crumbs a").click()
            try await browser.waitUntil("document.querySelector('.objects tbody')?.textContent.includes('top.txt')")

            try await browser.find(".objects tbody input").click()
            try await browser.waitUntil("document.querySelector('.selection')?.textContent.includes('1 selected')")
            try await page.press("Delete", in: ".selection")
            try await browser.waitUntil("document.getElementById('confirm').open")
            try await browser.find("#confirm-yes").click()
            try await browser.waitUntil("document.querySelectorAll('.objects tbody tr').length === 1")
            #expect(try await S3TestClient(page.server).keys(of: "folders") == ["top.txt"])
            try await page.expectQuietConsole()
        }
    }

    @Test func aLargeFileGoesInPartsAndSurvivesABrokenNetwork() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            try await browser.go(to: page.server.baseURL + "/#/storage")
            try await page.makeBucket("large")
            let folder = try TemporaryFolder()
            var bytes = Data(count: 40 << 20)
            for index in stride(from: 0, to: bytes.count, by: 4096) { bytes[index] = UInt8(truncatingIfNeeded: index >> 12) }
            let path = folder.path + "/cosecha.bin"
            try bytes.write(to: URL(fileURLWithPath: path))
            func network(offline: Bool, throughput: Int) async throws {
                try await browser.developerTools(
                    "Network.emulateNetworkConditions",
                    ["offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": throughput])
            }
            try await browser.developerTools("Network.enable", [:])
            // Slow enough to be cut off half-way by a test that may have to wait for its turn.
            try await network(offline: false, throughput: 500_000)
            try await browser.find("#storage-files").type(path)
            try await browser.waitUntil("parseInt(document.querySelector('.transfers .upload-state')?.textContent) >= 45")
            try await network(offline: true, throughput: -1)
            try await browser.waitUntil("document.querySelector('.upload[data-state=sending]')")
            try await network(offline: false, throughput: -1)
            try await browser.waitUntil("document.querySelector('.transfers h2').textContent === '1 file uploaded'")
            let s3 = S3TestClient(page.server)
            let answer = try await s3.get("large/cosecha.bin")
            #expect(answer.body == bytes)
            #expect(answer["ETag"]?.hasSuffix("-3\"") == true)
            try await page.expectQuietConsole(allowing: ["ERR_INTERNET_DISCONNECTED"])
        }
    }

    @Test func settingsOfABucketAreChangedAndRefusalsExplained() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            _ = try await page.client.send(.POST, "/api/storage/buckets/", json: #"{"name": "rules"}"#)
            try await browser.go(to: page.server.baseURL + "/#/storage/bucket/rules/settings")
            try await browser.waitUntil("document.querySelectorAll('.panel').length === 8")

            // A policy that is wrong is refused with the server's reason, beside the field.
            try await page.fill("policy", #"{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}"#)
            try await page.press("Save", in: "form:has([name=policy])")
            try await browser.waitUntil("document.querySelector('[name=policy]').getAttribute('aria-invalid') === 'true'")
            let reason: String = try await browser.script(
                "return document.querySelector('[name=policy]').closest('.field').querySelector('.problem').textContent")
            #expect(reason.contains("Effect") || reason.contains("effect"), "\(reason)")
            try await browser.screenshot("storage-policy-refused")
            try await page.select("template", "0", in: "form:has([name=policy])")
            try await page.press("Save", in: "form:has([name=policy])")
            try await browser.waitUntil("document.getElementById('toast').textContent === 'Saved'")
            let json = try await page.client.get("/api/storage/buckets/rules/").json
            #expect(json["public"] as? Bool == true)

            // A rule by its form.
            try await page.press("Add rule", in: ".rule, form:has(> .stack)")
            try await page.fill("prefix", "tmp/")
            try await page.fill("expires", "7")
            try await page.press("Save", in: "form:has(.rule)")
            try await browser.waitUntil("document.querySelector('.rule legend').textContent.length > 10")
            let rules = try await page.client.get("/api/storage/buckets/rules/lifecycle/").json["Rules"] as? [[String: Any]]
            #expect(rules?.first?["Expiration"] as? [String: Int] == ["Days": 7])
            #expect(rules?.first?["Filter"] as? [String: String] == ["Prefix": "tmp/"])
            try await page.fill("expires", "0")
            try await page.press("Save", in: "form:has(.rule)")
            try await browser.waitUntil("[...document.querySelectorAll('.problem')].some((line) => line.textContent.includes('Days'))")

            try await page.select("template", "1", in: "form:has([name=cors])")
            try await page.press("Save", in: "form:has([name=cors])")
            try await browser.waitUntil("document.querySelector('[name=cors]').value.includes('example.org')")
            try await browser.find("[name=BlockPublicAcls]").click()
            try await page.fill("quota_bytes", "1.5")
            try await page.press("Save", in: "form:has([name=quota_bytes])")
            try await browser.waitUntil("document.querySelector('[name=quota_bytes]').value === '1.5'")
            try await page.press("Keep versions", in: ".settings")
            try await browser.waitUntil(
                "[...document.querySelectorAll('.panel p')].some((line) => line.textContent === 'Every version is kept.')")
            let bucket = try await page.client.get("/api/storage/buckets/rules/").json
            #expect(bucket["quota_bytes"] as? Int == 1_500_000)
            #expect(bucket["versioning"] as? String == "enabled")
            #expect(bucket["documents"] as? [String] == ["policy", "lifecycle", "cors", "public-access-block"])
            try await page.expectQuietConsole(allowing: ["400"])
        }
    }

    @Test func aKeyIsMadeSeenOnceAndRevoked() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            try await browser.go(to: page.server.baseURL + "/#/storage/keys")
            try await browser.waitUntil("document.querySelectorAll('.key').length === 1")
            try await page.press("New access key", in: ".screen-bar")
            try await page.fill("user", "vet")
            try await page.press("Make key", in: "dialog:last-of-type")
            try await browser.waitUntil("document.querySelectorAll('dialog .copyable').length === 2")
            try await browser.screenshot("storage-key")
            let pair: [String] = try await browser.script(
                "return [...document.querySelectorAll('dialog .copyable input')].map((input) => input.value)")
            let s3 = S3TestClient(page.server, key: S3KeyPair(id: pair[0], secret: pair[1]))
            #expect(try await s3.put("vets-own", Data()).status == 200)
            try await page.press("I have copied it", in: "dialog:last-of-type")
            try await browser.waitUntil("document.querySelectorAll('.key').length === 2")
            #expect(try await browser.script("return !document.body.innerHTML.includes('\(pair[1])')"))

            try await browser.find("[aria-label='Revoke \(pair[0])']").click()
            try await browser.find("#confirm-yes").click()
            try await browser.waitUntil("document.querySelectorAll('.key').length === 1")
            #expect(try await s3.get("vets-own").status == 403)
            try await page.expectQuietConsole()
        }
    }

    @Test(arguments: [("light", false, false), ("dark", true, false), ("phone", false, true), ("phone-dark", true, true)])
    func everyScreenIsLegibleEverywhere(_ name: String, _ isDark: Bool, _ isPhone: Bool) async throws {
        var view = isPhone ? Browser.View.phone(width: 360) : Browser.View()
        view.isDark = isDark
        if isPhone { view.languages = "es-CO,es" }
        try await ConsolePage.visit(view) { page in
            let browser = page.browser
            _ = try await page.client.send(.POST, "/api/storage/buckets/", json: #"{"name": "clinic", "versioning": true, "media": true}"#)
            _ = try await page.client.send(.PATCH, "/api/storage/buckets/clinic/", json: #"{"quota_bytes": 5000000}"#)
            _ = try await page.client.send(
                .POST, "/api/storage/buckets/", json: #"{"name": "a-bucket-with-the-longest-name-that-there-can-be-and-63-letters"}"#)
            _ = try await page.client.send(
                .PUT, "/api/storage/buckets/clinic/lifecycle/",
                json: #"{"Rules": [{"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 7}}]}"#)
            let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
            for key in ["photo.jpg", "photo.jpg", "x/y", "a-very-long-name-without-any-break-that-goes-on-and-on-and-on-and-on-and-on.jpg"]
            {
                _ = try await page.client.request(
                    .PUT, "/api/storage/buckets/clinic/content/?key=\(key)", headers: ["Content-Type": "image/jpeg"], body: photo)
            }
            for (screen, ready) in [
                ("", ".bucket"), ("/bucket/clinic/objects/", ".objects tbody tr"), ("/bucket/clinic/settings", ".rule"), ("/keys", ".key"),
            ] {
                try await browser.go(to: page.server.baseURL + "/#/storage" + screen)
                try await browser.waitUntil("document.querySelector('\(ready)')")
                try await page.expectNothingSideways()
                try await page.expectRoomForThumbs()
                #expect(try await page.expectReadableText() > 10)
                try await browser.screenshot("storage-\(name)-\(ready.filter(\.isLetter))")
            }
            try await browser.go(to: page.server.baseURL + "/#/storage/bucket/clinic/objects/")
            try await page.open("photo.jpg")
            try await browser.waitUntil("document.querySelector('.object-preview')?.naturalWidth > 0 && document.querySelector('.version')")
            try await browser.find(".fold summary").click()
            try await page.expectNothingSideways()
            try await page.expectRoomForThumbs()
            #expect(try await page.expectReadableText() > 10)
            try await browser.screenshot("storage-\(name)-dialog")
            try await page.expectQuietConsole()
        }
    }

    @Test func theKeyboardAloneIsEnough() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            try await page.tab(until: "document.activeElement.dataset.view === 'storage'")
            try await browser.press(.enter)
            try await browser.waitUntil("document.querySelector('.bucket')")
            try await page.tab(until: "document.activeElement.textContent === 'New bucket'")
            try await browser.press(.enter)
            try await browser.waitUntil("document.activeElement.name === 'name'")
            try await browser.find("[name=name]").type("keys-only")
            try await browser.press(.enter)
            try await browser.waitUntil("location.hash.includes('keys-only')")
            _ = try await page.client.request(.PUT, "/api/storage/buckets/keys-only/content/?key=a.txt", body: Data("x".utf8))
            try await browser.reload()
            try await browser.waitUntil("document.querySelector('.objects tbody tr')")
            try await page.tab(until: "document.activeElement.matches('.object-name')")
            #expect(try await browser.script("return parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2"))
            try await browser.press(.enter)
            try await browser.waitUntil("document.querySelector('dialog .facts')")
            try await page.tab(until: "document.activeElement.textContent === 'Delete'")
            try await browser.press(.enter)
            try await browser.waitUntil("document.getElementById('confirm').open")
            try await page.tab(until: "document.activeElement.id === 'confirm-yes'")
            try await browser.press(.enter)
            try await browser.waitUntil("document.querySelector('.nothing')?.checkVisibility() && !document.querySelector('dialog[open]')")
            try await page.expectQuietConsole()
        }
    }

    @Test func nothingOfTheStorageStaysAfterSigningOut() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            _ = try await page.client.send(.POST, "/api/storage/buckets/", json: #"{"name": "secret-bucket"}"#)
            try await browser.go(to: page.server.baseURL + "/#/storage")
            try await browser.waitUntil("document.querySelector('.bucket')")
            try await browser.find("#sign-out").click()
            try await browser.waitUntil("!document.getElementById('sign-in').hidden")
            #expect(try await browser.script("return !document.body.innerHTML.includes('secret-bucket')"))
            #expect(try await browser.find("#views").isShown == false)
        }
    }

    @Test func aServerWithoutS3OffersNoStorage() async throws {
        try await ConsolePage.visit(environment: ["AGROVET_S3": "false"]) { page in
            try await page.browser.waitUntil("document.getElementById('version').textContent !== ''")
            #expect(try await page.browser.find("#views").isShown == false)
            #expect(try await page.client.get("/api/storage/").status == 404)
        }
    }
}

extension ConsolePage {
    /// Makes a bucket by its dialog and waits until it is shown.
    func makeBucket(_ name: String, ticking ticks: [String] = []) async throws {
        try await press("New bucket", in: ".screen-bar")
        try await fill("name", name)
        for tick in ticks { try await browser.find("dialog [name=\(tick)]").click() }
        try await press("Make bucket", in: "dialog:last-of-type")
        try await browser.waitUntil("document.getElementById('storage-files') && !document.querySelector('dialog[open]')")
    }

    /// Chooses files of `samples/` for the folder that is shown.
    func choose(_ samples: [String]) async throws {
        try await browser.find("#storage-files").type(samples.map(Executables.sample).joined(separator: "\n"))
    }

    /// Opens an object of the list by its name.
    func open(_ name: String) async throws {
        try await browser.waitUntil("[...document.querySelectorAll('button.object-name')].some((row) => row.textContent === '\(name)')")
        try await browser.run("[...document.querySelectorAll('button.object-name')].find((row) => row.textContent === '\(name)').click()")
        try await browser.waitUntil("document.querySelector('dialog .facts')")
    }

    /// Presses the button with these words, as soon as it is there and can be pressed.
    func press(_ words: String, in place: String) async throws {
        let find =
            "[...document.querySelectorAll('\(place)')].flatMap((part) => [...part.querySelectorAll('button')]).find((button) => button.textContent === '\(words)' && !button.disabled && button.checkVisibility())"
        try await browser.waitUntil(find)
        try await browser.run("\(find).click()")
    }

    /// Puts a text into the field of that name.
    func fill(_ name: String, _ text: String) async throws {
        let element = try await browser.find("[name=\(name)]")
        try await element.clear()
        try await element.type(text)
    }

    func select(_ name: String, _ value: String, in place: String) async throws {
        try await browser.run(
            """
            const select = document.querySelector("\(place)").querySelector("[name=\(name)]");
            select.value = "\(value)";
            select.dispatchEvent(new Event("change", { bubbles: true }));
            """)
    }
}
