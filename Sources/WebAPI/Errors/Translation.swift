import HTTPTypes
import Hummingbird

/// The messages that people see, in the languages there are. As gettext does it, the English text is the name of the message: where the
/// code says something to a person, it says it in English, and the catalogue has the same sentence in another language. `{}` stands for
/// what varies.
public struct Translation: Sendable {
    /// As in an Accept-Language header.
    public let language: String
    private let sentences: [String: String]
    private let patterns: [Pattern]

    private struct Pattern: Sendable {
        let parts: [String]
        let translation: [String]

        /// What stands for each `{}` of the pattern; nil where the text is another.
        func values(in text: String) -> [String]? {
            guard text.hasPrefix(parts[0]) else { return nil }
            var rest = text.dropFirst(parts[0].count)
            var values: [String] = []
            for part in parts.dropFirst().dropLast() {
                guard let range = rest.range(of: part) else { return nil }
                values.append(String(rest[..<range.lowerBound]))
                rest = rest[range.upperBound...]
            }
            guard let last = parts.last, rest.hasSuffix(last), rest.count >= last.count else { return nil }
            values.append(String(rest.dropLast(last.count)))
            return values
        }
    }

    /// - Parameter catalogue: English sentences and their translations, which take the same values in the same order, or leave out the last of
    ///   them; of two that fit, the first counts.
    public init(language: String, catalogue: [(String, String)]) {
        self.language = language
        var (sentences, patterns): ([String: String], [Pattern]) = ([:], [])
        for (english, other) in catalogue {
            if english.contains("{}") {
                patterns.append(Pattern(parts: english.components(separatedBy: "{}"), translation: other.components(separatedBy: "{}")))
            } else {
                sentences[english] = other
            }
        }
        self.sentences = sentences
        self.patterns = patterns
    }

    /// The text in this language; nil where the catalogue does not have it.
    public func text(_ english: String) -> String? {
        if let sentence = sentences[english] { return sentence }
        for pattern in patterns {
            guard let values = pattern.values(in: english) else { continue }
            return zip(pattern.translation, values.prefix(pattern.translation.count - 1) + [""]).map { $0 + $1 }.joined()
        }
        return behindName(english)
    }

    /// A sentence that says first which file it is about: `cow.jpg: The submitted file is empty.`
    private func behindName(_ english: String) -> String? {
        guard let colon = english.range(of: ": ") else { return nil }
        return text(String(english[colon.upperBound...])).map { english[..<colon.upperBound] + $0 }
    }

    /// The translation that a client wants; nil for English, or for a language that there is none for.
    public static func wanted(_ acceptLanguage: String?) -> Translation? {
        guard let acceptLanguage else { return nil }
        var best: (language: String, quality: Double)?
        for range in acceptLanguage.split(separator: ",").prefix(20) {
            let parsed = HeaderParameters(String(range))
            let language = String(parsed.value.prefix { $0 != "-" })
            let quality = parsed.parameters["q"].flatMap(Double.init) ?? 1
            guard ["en", "es", "*"].contains(language), quality > 0, quality > best?.quality ?? 0 else { continue }
            best = (language, quality)
        }
        return best?.language == "es" ? .spanish : nil
    }
}

extension APIError {
    /// The answer in the language that the client wants; who asks for none gets English.
    public func response(to request: Request) -> Response {
        var response = (Translation.wanted(request.headers[.acceptLanguage]).map(translated) ?? self).response()
        response.headers.append(HTTPField(name: .vary, value: "Accept-Language"))
        return response
    }

    /// The same error for a person who reads another language; what the catalogue does not have stays English.
    func translated(_ translation: Translation) -> APIError {
        var copy = APIError(
            status, code: code, detail: translation.text(detail) ?? detail,
            fields: fields.mapValues { $0.map { translation.text($0) ?? $0 } }, headers: headers)
        copy.headers[.contentLanguage] = translation.language
        return copy
    }
}
