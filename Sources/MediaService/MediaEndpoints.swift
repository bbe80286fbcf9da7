import Codecs
import Schemas
import WebAPI

/// What the routes of the media service take and answer, for the OpenAPI document. Most of them read their bodies by themselves: files
/// stream, and what is wrong with a body is said in one place for forms and JSON alike (`MediaFields`).
enum MediaEndpoints {
    static let (read, write) = ("media:read", "media:write")

    private static let record = MediaSchema.record
    private static let wait = Parameter.header(
        "Prefer", .string(0...200), "`wait=10`: answer when it is rendered, or after so many seconds")
    private static let fields: [JSONSchema.Property] = [
        .optional("title", .string(0...MediaFields.titleLength)), .optional("alt", .string(0...MediaFields.altLength)),
        .optional("visibility", .choice(Visibility.self)), .optional("purpose", .string(0...MediaFields.purposeLength)),
    ]
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
        parameters: Parameter.paging() + [
            .search, .ordering(["created", "updated", "size", "title", "filename"]),
            .query("kind", .choice(["image", "video"]), "Photo or video"),
            .query("status", .choice(MediaStatus.self), "How far it is"), .query("owner", .string(1...200), "Id of the owner"),
            .query("visibility", .choice(Visibility.self), "Who sees it"),
            .query("purpose", .string(1...MediaFields.purposeLength), "What it is for"),
            .query("created_after", .string(10...40), "ISO 8601, from then on"),
            .query("created_before", .string(10...40), "ISO 8601, before then"),
        ], answers: [.page(of: record)])
    static let retrieve = Endpoint("media", access: .anyone, scope: read, answers: [.ok(record)])
    static let change = Endpoint("media", scope: write, body: .raw("application/json", .object(fields)), answers: [.ok(record)])
    static let delete = Endpoint("media", scope: write, answers: [.noContent])
    static let retry = Endpoint(
        "media", details: "For its owner and for staff. All of an item that failed, or its video for browsers alone.", scope: write,
        answers: [Endpoint.Answer(202, "It is on its way", record), .conflict("Nothing of it has failed")])
    static let sign = Endpoint(
        "media", scope: write,
        body: .raw("application/json", .object(.optional("expires_in", .integer(1...31_536_000).nullable.described("Seconds")))),
        answers: [
            .ok(
                .object(
                    .required("url", .string(format: .uri)),
                    .required(
                        "renditions",
                        .array(
                            .object(.required("name", .string()), .required("format", .string()), .required("url", .string(format: .uri))))),
                    .required("playback", .string(format: .uri).nullable), .required("expires", .dateTime)))
        ])

    // MARK: Uploads

    static let upload = Endpoint(
        "media", details: "The type is told from the bytes. Videos and photos of phones are taken as they are.", scope: write,
        parameters: [wait],
        body: .raw(
            "multipart/form-data",
            .object([.required("file", .oneOf(file, .array(file, count: 1...100)))] + fields)), answers: [created])
    static let importing = Endpoint(
        "media", scope: write, parameters: [wait],
        body: .raw("application/json", .object([.required("url", .string(1...2000, format: .uri))] + fields)),
        answers: [created, error(502, "The other server did not give it"), error(504, "The other server was too slow")])
    static let presign = Endpoint(
        "media", scope: write,
        body: .raw(
            "application/json",
            .object(
                [
                    .required("filename", .string(1...255)), .optional("content_type", .string(1...100).nullable),
                    .optional("size", .integer().nullable.described("Bytes at the most")),
                    .optional("expires_in", .integer().nullable.described("Seconds")),
                ] + fields)),
        answers: [
            .created(
                .object(
                    .required("url", .string(format: .uri)), .required("method", .string()), .required("field", .string()),
                    .required("fields", .object()), .required("headers", .object()), .required("max_size", .integer()),
                    .required("expires", .dateTime)))
        ])
    private static let signature: [Parameter] = [
        .query("expires", .string(0...40), "As the address has it"), .query("signature", .string(0...200), "As the address has it"),
    ]
    static let presignedForm = Endpoint(
        "media", access: .anyone, scope: write, parameters: signature + [wait],
        body: .raw("multipart/form-data", .object(.required("file", file))), answers: [created, .conflict("The address was used")])
    static let presignedBody = Endpoint(
        "media", access: .anyone, scope: write, parameters: signature + [wait], body: .raw("application/octet-stream", file),
        answers: [created, .conflict("The address was used")])

    // MARK: Resumable uploads and delivery

    static let tusOptions = Endpoint("uploads", access: .anyone, answers: [Endpoint.Answer(204, "What can be done here, in header fields")])
    static let tusBegin = tus(201, "Its address is in Location")
    static let tusState = tus(200, "How far it has come is in Upload-Offset")
    static let tusAppend = tus(204, "How far it has come is in Upload-Offset")
    static let tusEnd = tus(204, "It is gone")

    private static func tus(_ status: Int, _ description: String) -> Endpoint {
        let errors = [
            (400, "A header field is missing or wrong"), (404, "There is no such upload"), (409, "The offset is another"),
            (410, "It has expired"), (412, "Another version of tus"), (413, "It is too large"), (415, "Another media type"),
            (423, "Another request is at it"), (460, "The checksum is another"), (507, "No room left on the disk"),
        ]
        return Endpoint(
            "uploads", details: "tus 1.0 (docs/UPLOADS.md).", scope: write,
            answers: [Endpoint.Answer(status, description)] + errors.map { error($0.0, $0.1) }, isThrottled: false)
    }

    /// Of the bytes of an item, under the address that its record has.
    static func delivery(_ parameters: [Parameter]) -> Endpoint {
        Endpoint(
            "delivery", access: .anyone, scope: read, parameters: parameters,
            answers: [
                Endpoint.Answer(200, "The bytes", file, contentType: "application/octet-stream"),
                Endpoint.Answer(206, "A part of them", file, contentType: "application/octet-stream"),
                Endpoint.Answer(304, "The client has them"), error(400, "It cannot be made"), error(410, "It could not be read"),
                error(412, "They are others"), error(416, "There is no such part"),
            ], isThrottled: false)
    }

    // MARK: Webhooks

    private static let url = JSONSchema.string(1...2000, format: .uri)
    private static let description = JSONSchema.string(0...WebhookFields.descriptionLength)
    private static let events = JSONSchema.array(.choice(WebhookEvents.all), count: 1...WebhookEvents.all.count)
    private static let secret = JSONSchema.string(38...100).described("whsec_ and the base64 of 24 to 64 bytes")
    private static let webhookMembers: [JSONSchema.Property] = [
        .required("id", .uuid), .required("url", url), .required("events", events), .required("description", .string()),
        .required("active", .boolean), .required("disabled_reason", .string().nullable), .required("created", .dateTime),
        .required("updated", .dateTime),
    ]
    private static let webhook = JSONSchema.object(webhookMembers).named("Webhook")
    private static let webhookWithSecret = JSONSchema.object(
        webhookMembers + [.required("secret", secret), .optional("previous_secret_expires", .dateTime)]
    ).named("WebhookWithSecret")
    private static let delivery = JSONSchema.object(
        .required("id", .uuid), .required("webhook_id", .string()), .required("type", .string()), .required("subject", .string()),
        .required("status", .choice(WebhookDeliveryStatus.self)), .required("attempts", .integer(0...1000)),
        .required("response_status", .integer(0...999).nullable), .required("error", .string().nullable),
        .required("last_attempt", .dateTime.nullable), .required("next_attempt", .dateTime.nullable), .required("created", .dateTime)
    ).named("WebhookDelivery")

    static let webhooks = Endpoint("webhooks", scope: read, parameters: Parameter.paging(), answers: [.page(of: webhook)])
    static let addWebhook = Endpoint(
        "webhooks", scope: write,
        body: .raw(
            "application/json",
            .object(
                .required("url", url), .optional("events", events), .optional("description", description), .optional("active", .boolean),
                .optional("secret", secret))),
        answers: [.created(webhookWithSecret), .conflict("There are as many as the setting allows")])
    static let webhookOf = Endpoint("webhooks", scope: read, answers: [.ok(webhook)])
    static let changeWebhook = Endpoint(
        "webhooks", scope: write,
        body: .raw(
            "application/json",
            .object(
                .optional("url", url), .optional("events", events), .optional("description", description), .optional("active", .boolean))),
        answers: [.ok(webhook)])
    static let deleteWebhook = Endpoint("webhooks", scope: write, answers: [.noContent])
    static let rotateWebhook = Endpoint(
        "webhooks", scope: write, body: .raw("application/json", .object(.optional("secret", secret))), answers: [.ok(webhookWithSecret)])
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
