import Foundation
import TestSupport
import Testing

/// The page at `/`, in real Chromium. One at a time: each has a server and a browser of its own.
@Suite(.serialized) struct ConsolePageTests {
    @Test func theAddressThatIsPrintedSignsInOnceAndTheCodeLeavesTheAddress() async throws {
        try await ConsolePage.visit { page in
            let (browser, server) = (page.browser, page.server)
            #expect(try await browser.url == server.baseURL + "/")
            try await browser.reload()
            try await browser.waitUntil("!document.getElementById('workspace').hidden")

            try await browser.find("#sign-out").click()
            try await browser.waitUntil("!document.getElementById('sign-in').hidden")
            try await browser.go(to: "about:blank")
            try await browser.go(to: server.consoleURL)
            try await browser.waitUntil("!document.getElementById('sign-in-error').hidden")
            #expect(try await browser.find("#sign-in-error").text.contains("used already"))
            #expect(try await browser.url == server.baseURL + "/")
            try await page.expectQuietConsole(allowing: ["status of 401"])
        }
    }

    @Test func theTokenSignsInAndAWrongOneSaysSo() async throws {
        try await ConsolePage.visit(signedIn: false) { page in
            let browser = page.browser
            try await browser.screenshot("sign-in")
            try await browser.find("#token").type("wrong")
            try await browser.find("#sign-in-form button").click()
            try await browser.waitUntil("!document.getElementById('sign-in-error').hidden")
            #expect(try await browser.find("#sign-in-error").text == "This token is not valid.")
            #expect(try await browser.script("return document.activeElement.id") == "token")
            try await browser.find("#token").clear()
            try await browser.find("#token").type(page.server.token)
            try await browser.press(.enter)
            try await browser.waitUntil("!document.getElementById('workspace').hidden")
            try await page.expectQuietConsole(allowing: ["status of 401"])
        }
    }

    @Test func photosOfEveryFormatFillTheGallery() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            try await browser.waitUntil("!document.getElementById('gallery-empty').hidden")
            try await browser.screenshot("empty")
            let samples = ["photo.jpg", "photo.heic", "photo.webp", "alpha.png", "orientation-6.jpg"]
            try await page.upload(samples)
            try await page.waitForPictures(samples.count)
            try await browser.screenshot("gallery")

            struct Picture: Decodable {
                /// Width of the rendition that was taken, and of its place in device pixels.
                let taken, wanted: Double
                let isLargest, isWebP: Bool
                let ratio, shownRatio: Double
            }
            let pictures: [Picture] = try await browser.script(
                """
                return [...document.querySelectorAll(".card")].map((card) => {
                  const image = card.querySelector("picture img");
                  const box = image.getBoundingClientRect();
                  const choices = [...card.querySelectorAll("source, picture img")]
                    .flatMap((element) => element.srcset.split(", "))
                    .map((choice) => ({ path: choice.split(" ")[0], width: parseInt(choice.split(" ")[1]) }));
                  const taken = choices.find(({ path }) => image.currentSrc.endsWith(path)).width;
                  return {
                    taken, wanted: box.width * devicePixelRatio, isLargest: choices.every(({ width }) => width <= taken),
                    isWebP: image.currentSrc.includes(".webp"),
                    ratio: image.getAttribute("width") / image.getAttribute("height"), shownRatio: box.width / box.height,
                  };
                });
                """)
            for picture in pictures {
                #expect(picture.taken >= picture.wanted - 1 || picture.isLargest, "a rendition too small for its place")
                #expect(abs(picture.ratio / picture.shownRatio - 1) < 0.02)
                #expect(picture.isWebP)
            }
            try await page.expectQuietConsole()
        }
    }

    @Test func thePlaceholderShowsTheColoursOfItsPhoto() async throws {
        try await ConsolePage.visit { page in
            try await page.upload(["photo.jpg"])
            try await page.waitForPictures(1)
            try await page.browser.reload()
            try await page.waitForPictures(1)
            // Means of the four quarters, red green blue, of placeholder and picture.
            let quarters: [[Double]] = try await page.browser.script(
                """
                const mean = (source) => {
                  const canvas = document.createElement("canvas");
                  canvas.width = canvas.height = 32;
                  const context = canvas.getContext("2d");
                  context.drawImage(source, 0, 0, 32, 32);
                  const sums = new Array(12).fill(0);
                  const { data } = context.getImageData(0, 0, 32, 32);
                  for (let i = 0; i < 1024; i++) {
                    const quarter = (i % 32 < 16 ? 0 : 1) + (i < 512 ? 0 : 2);
                    for (let c = 0; c < 3; c++) sums[quarter * 3 + c] += data[i * 4 + c] / 256;
                  }
                  return sums;
                };
                return [mean(document.querySelector(".frame canvas")), mean(document.querySelector(".frame picture img"))];
                """)
            for (placeholder, picture) in zip(quarters[0], quarters[1]) {
                #expect(abs(placeholder - picture) < 24, "\(quarters)")
            }
        }
    }

    @Test func droppedAndPastedPhotosAreUploaded() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            // A real JPEG, drawn in the page.
            let transfer = """
                const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
                canvas.getContext("2d").fillRect(40, 40, 300, 200);
                const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg"));
                const transfer = new DataTransfer();
                transfer.items.add(new File([blob], NAME, { type: "image/jpeg" }));
                """
            try await browser.run(
                """
                const NAME = "dropped.jpg";
                \(transfer)
                window.transfer = transfer;
                document.body.dispatchEvent(new DragEvent("dragenter", { dataTransfer: transfer, bubbles: true, cancelable: true }));
                """)
            #expect(try await browser.find("#veil").isShown)
            try await browser.run(
                "document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: window.transfer, bubbles: true, cancelable: true }))")
            try await page.waitForPictures(1)
            #expect(try await browser.find("#veil").isShown == false)
            try await browser.run(
                """
                const NAME = "pasted.jpg";
                \(transfer)
                document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
                """)
            try await page.waitForPictures(2)
            #expect(try await page.captions == ["pasted.jpg", "dropped.jpg"])
            try await page.expectQuietConsole()
        }
    }

    @Test func aFileThatIsNoPhotoSaysWhyAndDoesNotHoldUpTheOthers() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            try await page.upload(["not-an-image.jpg", "photo.jpg"])
            try await page.waitForPictures(1)
            try await browser.waitUntil("document.querySelector('.upload[data-state=failed]')")
            #expect(try await browser.find("#uploads-heading").text == "1 file was not uploaded")
            #expect(try await browser.find(".upload .upload-name").text == "not-an-image.jpg")
            #expect(try await browser.find(".upload .upload-state").text.count > 20)
            try await browser.screenshot("refused")
            try await browser.find("[data-language=es]").click()
            #expect(try await browser.find(".upload .upload-state").text == "No es una imagen ni un vídeo que se conozca aquí.")
            try await browser.find("[data-language=en]").click()
            try await browser.find("[aria-label='Remove not-an-image.jpg from the list']").click()
            try await browser.waitUntil("!document.querySelector('.upload')")
            try await page.expectQuietConsole(allowing: ["status of 400"])
        }
    }

    @Test func aFileThatIsTooLargeForSomethingOnTheWaySaysThat() async throws {
        try await ConsolePage.visit { page in
            let (browser, server) = (page.browser, page.server)
            let port = try #require(URL(string: server.baseURL)?.port)
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/limiting_proxy.py"
            let proxy = try await PythonServer.start(script, ["\(port)", "20000"], folder: try TemporaryFolder())
            do {
                try await browser.go(to: "http://127.0.0.1:\(proxy.port)/")
                try await browser.waitUntil("!document.getElementById('workspace').hidden")
                try await page.upload(["photo.jpg"])
                try await browser.waitUntil("document.querySelector('.upload[data-state=failed]')")
                let said = try await browser.find(".upload .upload-state").text
                #expect(said.hasPrefix("Something between this page and the server") && !said.contains("GB"))
                try await browser.find("[data-language=es]").click()
                #expect(try await browser.find(".upload .upload-state").text.hasPrefix("Algo que está entre esta página y el servidor"))
                try await browser.screenshot("refused-on-the-way-es")
            } catch {
                await proxy.stop()
                throw error
            }
            await proxy.stop()
        }
    }

    @Test func aPhotoThatIsChangedElsewhereChangesHereWithoutReloading() async throws {
        try await ConsolePage.visit { page in
            let (browser, client) = (page.browser, page.client)
            let id = try #require(try await client.upload(sample: "photo.jpg").json["id"] as? String)
            try await page.waitForPictures(1)
            #expect(try await client.send(.PATCH, "/api/media/\(id)/", json: #"{"title": "Novilla"}"#).status == 200)
            try await browser.waitUntil("document.querySelector('.caption').textContent === 'Novilla'")
            #expect(try await client.request(.DELETE, "/api/media/\(id)/").status == 204)
            try await browser.waitUntil("!document.querySelector('.card') && !document.getElementById('gallery-empty').hidden")
            try await page.expectQuietConsole()
        }
    }

    @Test func searchAndFilterNarrowTheGallery() async throws {
        try await ConsolePage.visit { page in
            let browser = page.browser
            _ = try await page.client.upload(sample: "photo.jpg", fields: ["title": "Vaca"])
            _ = try await page.client.upload(sample: "photo.webp", fields: ["title": "Tractor"])
            try await page.waitForPictures(2)
            try await browser.find("#search-text").type("trac")
            try await browser.waitUntil("document.querySelectorAll('.card').length === 1")
            #expect(try await page.captions == ["Tractor"])
            try await browser.find("#search-text").type("zzz")
            try await browser.waitUntil("!document.getElementById('gallery-empty').hidden")
            #expect(try await browser.find("#empty-heading").text == "Nothing matches")
            try await browser.find("#empty-action").click()
            try await browser.waitUntil("document.querySelectorAll('.card').length === 2")
            try await browser.run("document.querySelector('#status-filter [value=failed]').click()")
            try await browser.waitUntil("document.querySelectorAll('.card').length === 0")
            try await browser.run("document.querySelector('#status-filter [value=ready]').click()")
            try await browser.waitUntil("document.querySelectorAll('.card').length === 2")
        }
    }

    @Test func thePageAsksForMoreThanItShowsAtFirst() async throws {
        try await ConsolePage.visit { page in
            for _ in 0..<43 { _ = try await page.client.upload(sample: "photo.webp") }
            try await page.browser.reload()
            try await page.browser.waitUntil("document.querySelectorAll('.card').length === 40")
            try await page.browser.find("#more").click()
            try await page.browser.waitUntil("document.querySelectorAll('.card').length === 43")
            try await page.browser.waitUntil("document.getElementById('more').hidden")
            #expect(try await page.browser.find("#gallery-count").text == "43 photos")
        }
    }
}
