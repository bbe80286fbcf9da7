import Foundation
import Schemas
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

    /// What bodies and forms have of it, among other things.
    static let properties: [JSONSchema.Property] = [
        .optional("title", .string(0...titleLength)), .optional("alt", .string(0...altLength)),
        .optional("visibility", .choice(Visibility.self)), .optional("purpose", .string(0...purposeLength)),
    ]
    static let schema = JSONSchema.object(properties)

    /// Fields that were checked before.
    init(title: String?, alt: String?, visibility: Visibility?, purpose: String?) {
        self.title = title
        self.alt = alt
        self.visibility = visibility
        self.purpose = purpose
    }

    /// - Parameter body: what the schema accepts.
    init(_ body: JSONValue) {
        func text(_ name: String) -> String? { body[name]?.string?.trimmingCharacters(in: .whitespacesAndNewlines) }
        self.init(
            title: text("title"), alt: text("alt"), visibility: text("visibility").flatMap { Visibility(rawValue: $0) },
            purpose: text("purpose"))
    }

    /// - Throws: `APIError` 400 with all fields that are wrong.
    package init(checking body: JSONValue) throws(APIError) {
        let problems = Self.schema.problems(of: body)
        guard problems.isEmpty else { throw APIError(problems) }
        self.init(body)
    }

    /// - Throws: `APIError` 400 with all fields that are wrong.
    package init(form: [String: String]) throws(APIError) {
        try self.init(checking: .object(form.mapValues { .string($0.trimmingCharacters(in: .whitespacesAndNewlines)) }))
    }
}
