import Codecs
import Schemas
import WebAPI

/// What the routes of the media service take and answer. Files stream: their routes read them by themselves.
enum MediaEndpoints {
    static let (read, write) = ("media:read", "media:write")

    private static let record = MediaSchema.record
    private static let wait = Parameter.header(
        "Prefer", .string(0...200), "`wait=10`: answer when it is rendered, or after so many seconds")
    private static let file = JSONSchema.string(format: .binary)
    private static let created = Endpoint.Answer(
        201, "The record, or for several files `results`", .oneOf(record, .object(.required("results", .array(record)))),
        headers: [("Location", "Of a single record")])

    private static func error(_ status: Int, _ description: String) -> Endpoint.Answer {
        Endpoint.Answer(status, description, APIError.schema)
    }

    // MARK: Records

    static let list = Endpoint(
        "media", details: "What is public, and what is the user's own.", access: .anyone, scope: read,
        parameters: Parameter.paging() + MediaFilter.parameters + [.ordering(MediaRoutes.orderings.keys)], answers: [.page(of: record)])
    static let retrieve = Endpoint("media", access: .anyone, scope: read, answers: [.ok(record)]).tagged
    static let change = Endpoint(
        "media", details: "For its owner; staff change the visibility of any item.", scope: write, parameters: [.ifMatch],
        body: .json(MediaFields.schema), answers: [.ok(record)])
    static let delete = Endpoint(
        "media", details: "For its owner, and for staff.", scope: write, parameters: [.ifMatch], answers: [.noContent])
    static let retry = Endpoint(
        "media", details: "For its owner and for staff. All of an item that failed, or its video for browsers alone.", scope: write,
        answers: [Endpoint.Answer(202, "It is on its way", record), .conflict("Nothing of it has failed")])

    /// - Parameter lifetime: seconds that links work at most.
    static func sign(lifetime: Int) -> Endpoint {
        Endpoint(
            "media", scope: write,
            body: .optionalJSON(.object(.optional("expires_in", .integer(1...lifetime).nullable.described("Seconds")))),
            answers: [
                .ok(
                    .object(
                        .required("url", .string(format: .uri)),
                        .required(
                            "renditions",
                            .array(
                                .object(
                                    .required("name", .string()), .required("format", .string()), .required("url", .string(format: .uri))))),
                        .required("playback", .string(format: .uri).nullable), .required("expires", .dateTime)))
            ])
    }

    // MARK: Uploads

    static let upload = Endpoint(
        "media", details: "The type is told from the bytes. Videos and photos of phones are taken as they are.", scope: write,
        parameters: [wait],
        body: .raw(
            "multipart/form-data",
            .object([.required("file", .oneOf(file, .array(file, count: 1...100)))] + MediaFields.properties)), answers: [created])
    static let importing = Endpoint(
        "media", scope: write, parameters: [wait],
        body: .json(.object([.required("url", .string(1...2000).described("http or https"))] + MediaFields.properties)),
        answers: [created, error(502, "The other server did not give it"), error(504, "The other server was too slow")])

    /// - Parameters:
    ///   - size: bytes of a file at most.
    ///   - lifetime: seconds that an address works at most.
    static func presign(size: Int, lifetime: Int) -> Endpoint {
        Endpoint(
            "media", scope: write,
            body: .json(
                .object(
                    [
                        .required("filename", .string(1...1000).described("Without folders; 255 characters of it are kept")),
                        .optional("content_type", .choice(ImageFormat.contentTypes.keys.sorted()).nullable),
                        .optional("size", .integer(1...size).nullable.described("Bytes at the most")),
                        .optional("expires_in", .integer(1...lifetime).nullable.described("Seconds")),
                    ] + MediaFields.properties)),
            answers: [
                .created(
                    .object(
                        .required("url", .string(format: .uri)), .required("method", .string()), .required("field", .string()),
                        .required("fields", .object()), .required("headers", .object()), .required("max_size", .integer()),
                        .required("expires", .dateTime)))
            ])
    }

    private static let signature: [Parameter] = [
        .query("expires", .string(0...40), "As the address has it"), .query("signature", .string(0...200), "As the address has it"),
    ]
    static let presignedForm = Endpoint(
        "media", access: .anyone, scope: write, parameters: signature + [wait],
        body: .raw("multipart/form-data", .object(.required("file", file))), answers: [created, .conflict("The address was used")])
    static let presignedBody = Endpoint(
        "media", access: .anyone, scope: write, parameters: signature + [wait], body: .raw("application/octet-stream", file),
        answers: [created, .conflict("The address was used")])

    // MARK: Delivery

    /// Of the bytes of an item, under the address that its record has.
    static func delivery(_ parameters: [Parameter]) -> Endpoint {
        Endpoint(
            "delivery", access: .anyone, scope: read, parameters: parameters,
            answers: [
                Endpoint.Answer(200, "The bytes", file, contentType: "application/octet-stream"),
                Endpoint.Answer(206, "A part of them", file, contentType: "application/octet-stream"),
                Endpoint.Answer(304, "The client has them"), error(400, "It cannot be made"), error(410, "It could not be read"),
                error(412, "They are others"), error(416, "There is no such part"),
            ], isThrottled: false
        ).shared
    }

    // MARK: Webhooks

    private static let webhookMembers: [JSONSchema.Property] = [
        .required("id", .uuid), .required("url", WebhookFields.urlSchema), .required("events", WebhookFields.eventsSchema),
        .required("description", .string()),
        .required("active", .boolean), .required("disabled_reason", .string().nullable), .required("created", .dateTime),
        .required("updated", .dateTime),
    ]
    private static let webhook = JSONSchema.object(webhookMembers).named("Webhook")
    private static let webhookWithSecret = JSONSchema.object(
        webhookMembers + [.required("secret", WebhookFields.secretSchema), .optional("previous_secret_expires", .dateTime)]
    ).named("WebhookWithSecret")
    private static let delivery = JSONSchema.object(
        .required("id", .uuid), .required("webhook_id", .string()), .required("type", .string()), .required("subject", .string()),
        .required("status", .choice(WebhookDeliveryStatus.self)), .required("attempts", .integer(0...1000)),
        .required("response_status", .integer(0...999).nullable), .required("error", .string().nullable),
        .required("last_attempt", .dateTime.nullable), .required("next_attempt", .dateTime.nullable), .required("created", .dateTime)
    ).named("WebhookDelivery")

    static let webhooks = Endpoint("webhooks", scope: read, parameters: Parameter.paging(), answers: [.page(of: webhook)])
    static let addWebhook = Endpoint(
        "webhooks", scope: write, body: .json(WebhookFields.creation),
        answers: [.created(webhookWithSecret), .conflict("There are as many as the setting allows")])
    static let webhookOf = Endpoint("webhooks", scope: read, answers: [.ok(webhook)]).tagged
    static let changeWebhook = Endpoint(
        "webhooks", scope: write, parameters: [.ifMatch], body: .json(WebhookFields.change), answers: [.ok(webhook)])
    static let deleteWebhook = Endpoint("webhooks", scope: write, parameters: [.ifMatch], answers: [.noContent])
    static let rotateWebhook = Endpoint(
        "webhooks", scope: write, body: .optionalJSON(WebhookFields.rotation), answers: [.ok(webhookWithSecret)])
    static let testWebhook = Endpoint(
        "webhooks", scope: write, answers: [Endpoint.Answer(202, "It is on its way", delivery), .conflict("The endpoint is switched off")])
    static let deliveries = Endpoint(
        "webhooks", scope: read,
        parameters: Parameter.paging() + [.query("status", .choice(WebhookDeliveryStatus.self), "How far it is")],
        answers: [.page(of: delivery)])
    static let retryDelivery = Endpoint(
        "webhooks", scope: write,
        answers: [Endpoint.Answer(202, "It is on its way", delivery), .conflict("It is waiting already, or the endpoint is switched off")])
}
