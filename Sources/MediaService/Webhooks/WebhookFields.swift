import Foundation
import WebAPI

/// What a person may say of an endpoint, from a JSON body; nil where it was not said.
package struct WebhookFields: Sendable {
    package var url: String?
    package var events: [String]?
    package var description: String?
    package var isActive: Bool?
    /// The receiver's own, in place of one that is made here.
    package var secret: WebhookSecret?

    static let descriptionLength = 200

    /// - Throws: `APIError` 400 with all fields that are wrong.
    package init(json data: Data) throws(APIError) {
        let members = try JSONMember.object(data)
        var errors: [String: [String]] = [:]
        func text(_ name: String) -> String? {
            switch members[name] {
            case nil: return nil
            case .string(let value) where !value.utf8.contains(0): return value.trimmingCharacters(in: .whitespacesAndNewlines)
            default:
                errors[name] = ["Not a valid string."]
                return nil
            }
        }
        url = text("url")
        if let url, WebhookURL(url) == nil { errors["url"] = ["Enter a valid URL: https://, without credentials and fragment."] }
        description = text("description")
        if let description, description.count > Self.descriptionLength {
            errors["description"] = ["Ensure this field has no more than \(Self.descriptionLength) characters."]
        }
        switch members["events"] {
        case nil: break
        case .strings(let names):
            if names.isEmpty { errors["events"] = ["This list may not be empty."] }
            // The name is not repeated: it could be anything.
            if !names.allSatisfy({ WebhookEvents.all.contains($0) }) {
                errors["events"] = ["Not a valid choice; there are: \(WebhookEvents.all.joined(separator: ", "))."]
            }
            events = WebhookEvents.all.filter { names.contains($0) }
        default: errors["events"] = ["Expected a list of strings."]
        }
        switch members["active"] {
        case nil: break
        case .flag(let flag): isActive = flag
        default: errors["active"] = ["Must be a valid boolean."]
        }
        if let given = text("secret") {
            secret = WebhookSecret(given)
            if secret == nil { errors["secret"] = ["Enter whsec_ and the base64 of 24 to 64 random bytes."] }
        }
        if !errors.isEmpty { throw APIError(invalid: errors) }
    }
}
