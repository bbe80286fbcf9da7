import Foundation

/// Languages that mail and pages of this service speak.
package enum MailLanguage: String, Sendable, CaseIterable {
    case english = "en"
    case spanish = "es"

    /// What a reader likes best of ours (RFC 9110 section 12.5.4); English where it likes neither.
    package init(acceptLanguage header: String?) {
        var best: (language: MailLanguage, weight: Double)?
        for item in (header ?? "").split(separator: ",").prefix(20) {
            let parts = item.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            guard let tag = parts.first, let language = MailLanguage(rawValue: String(tag.prefix { $0 != "-" })), weight > 0 else {
                continue
            }
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        self = best?.language ?? .english
    }
}
