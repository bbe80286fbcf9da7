import Schemas

/// A language as BCP 47 (RFC 5646) names it: `es`, `es-CO`, `zh-Hant-TW`, `qu`. Its form is checked, not whether it is registered.
package struct LanguageTag: Sendable, Hashable {
    /// In the case that RFC 5646 section 2.1.1 recommends.
    package let text: String

    /// Of a tag in a text.
    static let schema = JSONSchema.string(
        2...35,
        matching: .init(
            "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*$",
            or: "Enter a language as BCP 47 has it, such as es or es-CO.")
    ).described("BCP 47")

    /// Nil where the schema does not accept the text.
    package init?(_ text: String) {
        guard Self.schema.accepts(.string(text)) else { return nil }
        let parts = text.split(separator: "-").map(String.init)
        self.text = parts.enumerated().map { index, part in
            if index == 0 { return part.lowercased() }
            switch part.utf8.count {
            case 2: return part.uppercased()
            case 4 where part.first?.isLetter == true: return part.prefix(1).uppercased() + part.dropFirst().lowercased()
            default: return part.lowercased()
            }
        }.joined(separator: "-")
    }
}
