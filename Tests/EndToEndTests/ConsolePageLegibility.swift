import Foundation
import TestSupport
import Testing

/// What every screen of the page has to be, whatever it shows.
extension ConsolePage {
    private struct Text: Decodable {
        let what: String
        let ink, ground: [Double]
    }

    /// Every text on a plain ground has the contrast that WCAG's AA asks for. How many texts there are.
    func expectReadableText(at location: SourceLocation = #_sourceLocation) async throws -> Int {
        // With the nearest opaque colour behind each.
        let texts: [Text] = try await browser.script(
            """
            const rgb = (colour) => {
              const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
              const context = canvas.getContext("2d");
              context.fillStyle = colour;
              context.fillRect(0, 0, 1, 1);
              return [...context.getImageData(0, 0, 1, 1).data];
            };
            // Not the colours on the way from one to another.
            document.getAnimations().filter((animation) => animation instanceof CSSTransition).forEach((animation) => animation.finish());
            const texts = [];
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
              const element = walker.currentNode.parentElement;
              const isSeen = walker.currentNode.data.trim() && element.checkVisibility();
              if (!isSeen || element.closest(":disabled, .visually-hidden, .skip")) continue;
              let ground = element;
              while (ground.parentElement && rgb(getComputedStyle(ground).backgroundColor)[3] < 255) ground = ground.parentElement;
              const fill = rgb(getComputedStyle(ground).backgroundColor);
              texts.push({ what: walker.currentNode.data.trim(), ink: rgb(getComputedStyle(element).color),
                ground: fill[3] < 255 ? rgb(getComputedStyle(document.body).backgroundColor) : fill });
            }
            return texts;
            """)
        for text in texts {
            let ratio = Contrast.ratio(text.ink, text.ground)
            #expect(ratio >= 4.5, "“\(text.what)”: \(text.ink) on \(text.ground) is \(ratio)", sourceLocation: location)
        }
        return texts.count
    }

    /// WCAG 2.5.8 asks for 24 pixels; a thumb for 40.
    func expectRoomForThumbs(at location: SourceLocation = #_sourceLocation) async throws {
        let small: [String] = try await browser.script(
            """
            return [...document.querySelectorAll("button, a.button, select, input:not([type=radio]):not([type=checkbox]), label:has([type=checkbox])")]
              .filter((element) => element.checkVisibility() && !element.matches(".visually-hidden"))
              .filter((element) => element.getBoundingClientRect().height < 40)
              .map((element) => element.id || element.className);
            """)
        #expect(small == [], sourceLocation: location)
    }

    func expectNothingSideways(at location: SourceLocation = #_sourceLocation) async throws {
        #expect(try await browser.script("return document.scrollingElement.scrollWidth <= innerWidth"), sourceLocation: location)
    }
}

/// Contrast as WCAG 2.2 defines it.
enum Contrast {
    /// Relative luminance of sRGB 0…255.
    static func luminance(_ color: [Double]) -> Double {
        let linear = color.prefix(3).map { $0 / 255 }.map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    static func ratio(_ one: [Double], _ other: [Double]) -> Double {
        let (a, b) = (luminance(one), luminance(other))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }
}
