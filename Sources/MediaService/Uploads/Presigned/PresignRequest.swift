import Codecs
import Foundation
import WebAPI

/// What the owner says of an upload that somebody else will make: the body of `POST /api/media/presign/`.
package struct PresignRequest: Sendable {
    package let filename: String
    /// Nil where the file may be anything that is taken here.
    package let contentType: String?
    /// Bytes of the file at the most.
    package let size: Int
    /// Seconds.
    package let lifetime: Int
    package let fields: MediaFields

    /// - Throws: `APIError` 400 with what is wrong.
    package init(json data: Data, sizeLimit: Int, defaultLifetime: Int, lifetimeLimit: Int) throws(APIError) {
        fields = try MediaFields(json: data)
        let members = try JSONMember.object(data)
        var errors: [String: [String]] = [:]
        func number(_ name: String, _ fallback: Int, limit: Int) -> Int {
            switch members[name] {
            case nil, .null: return fallback
            case .number(let value) where (1...limit).contains(value): return value
            case .number: errors[name] = ["Ensure this value is from 1 to \(limit)."]
            default: errors[name] = ["A valid integer is required."]
            }
            return fallback
        }
        size = number("size", sizeLimit, limit: sizeLimit)
        lifetime = number("expires_in", defaultLifetime, limit: lifetimeLimit)
        var name = ""
        switch members["filename"] {
        case nil: errors["filename"] = ["This field is required."]
        case .string(let text):
            name = UploadForm.shownName(text)
            if name.isEmpty { errors["filename"] = ["This field may not be blank."] }
        default: errors["filename"] = ["Not a valid string."]
        }
        filename = name
        switch members["content_type"] {
        case nil, .null: contentType = nil
        case .string(let type) where ImageFormat.allCases.contains { $0.contentType == type.lowercased() }: contentType = type.lowercased()
        case .string(let type):
            contentType = nil
            errors["content_type"] = ["\"\(type)\" is not a valid choice."]
        default:
            contentType = nil
            errors["content_type"] = ["Not a valid string."]
        }
        if !errors.isEmpty { throw APIError(invalid: errors) }
    }
}
