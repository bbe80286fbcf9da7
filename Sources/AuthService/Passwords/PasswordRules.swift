import Foundation

/// What a new password has to be, by the rules and in the words of Django's validators.
package struct PasswordRules: Sendable {
    /// Characters at least.
    package var minimumLength = 8
    /// Characters at most: hashing takes time by length.
    package var maximumLength = 1024
    /// How alike a password may be to the account's own words, 0 to 1.
    package var similarity = 0.7

    package init() {}

    /// What is wrong with a password; nothing where nothing is.
    /// - Parameter words: of the account, with what a person calls them.
    package func problems(_ password: String, words: [(name: String, value: String)]) -> [String] {
        var problems: [String] = []
        if let name = words.first(where: { isSimilar(password, $0.value) })?.name {
            problems.append("The password is too similar to the \(name).")
        }
        if password.count < minimumLength {
            problems.append("This password is too short. It must contain at least \(minimumLength) characters.")
        }
        if password.count > maximumLength {
            problems.append("This password is too long. It must contain at most \(maximumLength) characters.")
        }
        if CommonPasswords.all.contains(password.lowercased().trimmingCharacters(in: .whitespaces)) {
            problems.append("This password is too common.")
        }
        if !password.isEmpty, password.allSatisfy(\.isNumber) { problems.append("This password is entirely numeric.") }
        return problems
    }

    /// Django compares with the value and each of its words.
    private func isSimilar(_ password: String, _ value: String) -> Bool {
        let password = password.lowercased()
        let value = value.lowercased()
        let parts = value.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init) + [value]
        return parts.contains { part in
            // A word that is far shorter cannot be similar enough; one that is far longer says nothing.
            guard part.count >= 2, Double(password.count) < 10 * Double(part.count) else { return false }
            return Self.likeness(password, part) >= similarity
        }
    }

    /// Twice the letters that both have, over all letters (the quick ratio of Python's difflib).
    package static func likeness(_ one: String, _ other: String) -> Double {
        var available: [Character: Int] = [:]
        for letter in other { available[letter, default: 0] += 1 }
        var matches = 0
        for letter in one {
            guard let count = available[letter], count > 0 else { continue }
            available[letter] = count - 1
            matches += 1
        }
        let total = one.count + other.count
        return total == 0 ? 1 : 2 * Double(matches) / Double(total)
    }
}
