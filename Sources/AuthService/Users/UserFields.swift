import Foundation
import Schemas
import WebAPI

/// What may be said of an account, as the body of a request has it.
enum UserFields {
    static let username = JSONSchema.string(1...Username.maximumLength).described("Letters, digits and @/./+/-/_")
    static let email = JSONSchema.string(0...EmailAddress.maximumLength).described("An e-mail address, or empty")
    static let name = JSONSchema.string(0...150)
    static let password = JSONSchema.string(1...1024, format: .password)
    static let code = JSONSchema.string(0...40).described("Of the authenticator app, or a recovery code")
    static let language = JSONSchema.choice(MailLanguage.self)
    /// Staff are made by staff.
    static let openRole = JSONSchema.choice(Role.allCases.filter { $0 != .staff }.map(\.rawValue))

    /// Checks what a schema cannot say, and puts it into the user.
    /// - Throws: `APIError` 400 by field.
    static func apply(_ body: JSONValue, to user: inout User) throws(APIError) {
        var errors: [String: [String]] = [:]
        if let text = body["username"]?.string {
            let name = Username.normalized(text)
            if let problem = Username.problem(name) {
                errors["username"] = [problem]
            } else if name.contains("@"), EmailAddress.key(name) != EmailAddress.key(body["email"]?.string ?? user.email),
                Username.key(name) != Username.key(user.username)
            {
                // Or somebody could stand in the way of whoever signs in by that address.
                errors["username"] = ["An e-mail address can be a username only where it is the account's own."]
            } else {
                user.username = name
            }
        }
        if let text = body["first_name"]?.string { user.firstName = plain(text, "first_name", &errors) }
        if let text = body["last_name"]?.string { user.lastName = plain(text, "last_name", &errors) }
        if let text = body["language"]?.string.flatMap({ MailLanguage(rawValue: $0) }) { user.language = text }
        if let text = body["email"]?.string, !text.isEmpty, !EmailAddress.isValid(text) {
            errors["email"] = ["Enter a valid email address."]
        }
        if !errors.isEmpty { throw APIError(invalid: errors) }
    }

    /// Nothing in a name breaks a line or hides.
    private static func plain(_ text: String, _ field: String, _ errors: inout [String: [String]]) -> String {
        let name = text.trimmingCharacters(in: .whitespaces)
        if name.unicodeScalars.contains(where: { [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory) })
        {
            errors[field] = ["Enter a valid value."]
        }
        return name
    }
}
