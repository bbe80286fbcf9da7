import Foundation
import WebAPI

/// What a person may say of a media item, from a form or a JSON body; nil where it was not said.
package struct MediaFields: Sendable, Equatable {
    package var title: String?
    package var alt: String?
    package var visibility: Visibility?
    package var purpose: String?

    static let titleLength = 200
    static let altLength = 1000
    static let purposeLength = 50

    /// Fields that were checked before.
    init(title: String?, alt: String?, visibility: Visibility?, purpose: String?) {
        self.title = title
        self.alt = alt
        self.visibility = visibility
        self.purpose = purpose
    }

    /// - Throws: `APIError` 400 with all fields that are wrong.
    package init(form: [String: String]) throws(APIError) {
        try self.init(form.mapValues { .string($0) })
    }

    /// - Throws: `APIError` 400.
    package init(json data: Data) throws(APIError) {
        try self.init(JSONMember.object(data))
    }

    private init(_ members: [String: JSONMember]) throws(APIError) {
        var errors: [String: [String]] = [:]
        func text(_ name: String, limit: Int) -> String? {
            switch members[name] {
            case nil: return nil
            case .null: errors[name] = ["This field may not be null."]
            case .string(let value):
                let text = value.trimmingCharacters(in: .whitespacesAndNewlines)
                if text.unicodeScalars.contains("\0") {
                    errors[name] = ["Null characters are not allowed."]
                } else if text.count > limit {
                    errors[name] = ["Ensure this field has no more than \(limit) characters."]
                } else {
                    return text
                }
            default: errors[name] = ["Not a valid string."]
            }
            return nil
        }
        title = text("title", limit: Self.titleLength)
        alt = text("alt", limit: Self.altLength)
        purpose = text("purpose", limit: Self.purposeLength)
        if let name = text("visibility", limit: 100) {
            visibility = Visibility(rawValue: name)
            if visibility == nil { errors["visibility"] = ["\"\(name)\" is not a valid choice."] }
        }
        if !errors.isEmpty { throw APIError(invalid: errors) }
    }
}
