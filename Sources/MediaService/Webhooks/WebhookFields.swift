import Foundation
import Schemas
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

    private static let secretComplaint = "Enter whsec_ and the base64 of 24 to 64 random bytes."
    /// Written by a client; shown to it once.
    static let secretSchema = JSONSchema.string(
        38...100,
        matching: .init(
            "^whsec_(([A-Za-z0-9+/]{4}){8,20}([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?|([A-Za-z0-9+/]{4}){21}([A-Za-z0-9+/]{2}==)?)$",
            or: secretComplaint)
    ).described("whsec_ and the base64 of 24 to 64 bytes")
    static let urlSchema = JSONSchema.string(1...2000, format: .uri)
    static let eventsSchema = JSONSchema.array(.choice(WebhookEvents.all), count: 1...WebhookEvents.all.count)

    private static let shared: [JSONSchema.Property] = [
        .optional("events", eventsSchema), .optional("description", .string(0...descriptionLength)), .optional("active", .boolean),
    ]
    package static let creation = JSONSchema.object(
        [.required("url", urlSchema), .optional("secret", secretSchema)] + shared)
    static let change = JSONSchema.object([.optional("url", urlSchema)] + shared)
    static let rotation = JSONSchema.object(.optional("secret", secretSchema))

    /// - Parameter body: what one of the schemas accepts.
    /// - Throws: `APIError` 400 with what they cannot say.
    package init(_ body: JSONValue) throws(APIError) {
        func text(_ name: String) -> String? { body[name]?.string?.trimmingCharacters(in: .whitespacesAndNewlines) }
        var errors: [String: [String]] = [:]
        url = text("url")
        if let url, WebhookURL(url) == nil { errors["url"] = ["Enter a valid URL: https://, without credentials and fragment."] }
        description = text("description")
        if let names = body["events"]?.elements.compactMap(\.string) { events = WebhookEvents.all.filter(names.contains) }
        isActive = body["active"]?.bool
        if let given = text("secret") {
            secret = WebhookSecret(given)
            if secret == nil { errors["secret"] = [Self.secretComplaint] }
        }
        if !errors.isEmpty { throw APIError(invalid: errors) }
    }
}
