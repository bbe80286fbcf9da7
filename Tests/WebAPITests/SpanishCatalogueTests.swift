import Foundation
import TestSupport
import Testing
import WebAPI

/// Whatever the services say to people has Spanish: as gettext collects sentences, they are collected from the sources.
@Suite struct SpanishCatalogueTests {
    private static let modules = [
        "WebAPI", "AuthService", "MarketplaceService", "MediaService", "ProfilesService", "Projections", "S3Service/Console",
        "agrovet/Composition",
    ]

    /// What people do not read: texts of OAuth are for programs (RFC 6749 section 5.2).
    private static let excluded = ["OAuthError", "/OAuth/"]

    @Test func everySentenceOfTheServicesIsInTheCatalogue() throws {
        var missing: [String] = []
        var found = 0
        for module in Self.modules {
            let folder = Executables.packageRoot + "/Sources/" + module
            for case let name as String in try #require(FileManager.default.enumerator(atPath: folder)) where name.hasSuffix(".swift") {
                guard !Self.excluded.contains(where: { "/\(module)/\(name)".contains($0) }) else { continue }
                let source = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
                for sentence in Self.sentences(of: source) {
                    found += 1
                    if Translation.spanish.text(sentence) == nil { missing.append("\(module)/\(name): \(sentence)") }
                }
            }
        }
        #expect(missing.isEmpty, "\(missing.joined(separator: "\n"))")
        #expect(found > 60)
    }

    /// Literals behind `detail:`, and those of `.invalid("field", "…")`; what is filled in is `X`.
    private static func sentences(of source: String) -> [String] {
        var sentences: [String] = []
        for mark in [#"detail:\s*""#, #"\.invalid\(\s*[^,()]+,\s*""#] {
            guard let expression = try? NSRegularExpression(pattern: mark) else { continue }
            let text = source as NSString
            for match in expression.matches(in: source, range: NSRange(location: 0, length: text.length)) {
                if let literal = literal(text.substring(from: NSMaxRange(match.range))) { sentences.append(literal) }
            }
        }
        return sentences.filter { !$0.isEmpty }
    }

    /// A string literal from behind its quotation mark.
    private static func literal(_ rest: String) -> String? {
        var result = ""
        var characters = rest.prefix(2000)[...]
        while let character = characters.popFirst() {
            if character == "\"" { return result }
            guard character == "\\" else {
                result.append(character)
                continue
            }
            guard let next = characters.popFirst() else { return nil }
            guard next == "(" else {
                result.append(next)
                continue
            }
            // What stands in an interpolation may hold brackets itself.
            var depth = 1
            while depth > 0, let inner = characters.popFirst() { depth += inner == "(" ? 1 : inner == ")" ? -1 : 0 }
            result += "X"
        }
        return nil
    }
}
