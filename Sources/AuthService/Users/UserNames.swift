import Foundation

/// What a username may be, and when two are the same.
package enum Username {
    package static let maximumLength = 150

    /// Django's rule: letters, digits and `@ . + - _`, at most 150.
    package static func problem(_ text: String) -> String? {
        if text.isEmpty { return "This field may not be blank." }
        if text.unicodeScalars.count > maximumLength { return "Ensure this field has no more than \(maximumLength) characters." }
        let isPlain = text.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil || $0.properties.generalCategory == .nonspacingMark
                || "@.+-_".unicodeScalars.contains($0)
        }
        return isPlain ? nil : "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."
    }

    /// As Django stores it (NFKC), so that two ways to write one letter are one name.
    package static func normalized(_ text: String) -> String { text.precomposedStringWithCompatibilityMapping }

    /// Equal for names that are the same without case.
    package static func key(_ text: String) -> String { normalized(text).lowercased().precomposedStringWithCompatibilityMapping }
}

/// E-mail addresses, strictly enough that nothing of one can become a header or an SMTP command.
package enum EmailAddress {
    package static let maximumLength = 254

    package static func isValid(_ text: String) -> Bool {
        guard text.utf8.count <= maximumLength, let at = text.lastIndex(of: "@") else { return false }
        let (local, domain) = (text[..<at], text[text.index(after: at)...])
        guard local.utf8.count <= 64, local.wholeMatch(of: /[A-Za-z0-9!#$%&'*+\/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+\/=?^_`{|}~-]+)*/) != nil
        else { return false }
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2 && labels.allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?/) != nil }
    }

    /// Equal for addresses that are the same without case.
    package static func key(_ text: String) -> String { text.lowercased() }
}
