import Hummingbird
import Schemas
import WebAPI

/// What the routes of webhooks take and answer, for the OpenAPI document, and what credentials have to be good for.
enum WebhookEndpoints {
    private static let fields: [JSONSchema.Property] = [
        .optional("events", .array(.choice(WebhookEvents.all)).described("Without it all but media.progress and media.purge.")),
        .optional("description", .string(0...WebhookFields.descriptionLength)), .optional("active", .boolean),
    ]
    private static let members: [JSONSchema.Property] = [
        .required("id", .uuid), .required("url", .string(1...2000)), .required("events", .array(.choice(WebhookEvents.all))),
        .required("description", .string()), .required("active", .boolean),
        .required("disabled_reason", JSONSchema.string().nullable.described("Why this server switched it off.")),
        .required("created", .dateTime), .required("updated", .dateTime),
    ]
    private static let endpoint = JSONSchema.object(members).named("Webhook")
    private static let withSecret = JSONSchema.object(
        members + [
            .required("secret", .string(1...200).described("Shown this once.")), .optional("previous_secret_expires", .dateTime),
        ]
    ).named("WebhookWithSecret")
    private static let delivery = JSONSchema.object(
        .required("id", .uuid), .required("webhook_id", .string(1...200).described("As the header of that name has it.")),
        .required("type", .string(1...100)), .required("subject", .string()), .required("status", .choice(WebhookDeliveryStatus.self)),
        .required("attempts", .integer(0...1_000_000)), .required("response_status", JSONSchema.integer(100...999).nullable),
        .required("error", JSONSchema.string().nullable), .required("last_attempt", JSONSchema.dateTime.nullable),
        .required("next_attempt", JSONSchema.dateTime.nullable), .required("created", .dateTime)
    ).named("WebhookDelivery")

    private static let inactive = Endpoint.Answer.conflict("The endpoint is switched off, or has too much to do")

    private static func of(
        scope: String = MediaEndpoints.write, _ parameters: [Parameter] = [], _ body: Endpoint.Body? = nil, _ answers: [Endpoint.Answer]
    ) -> Endpoint {
        Endpoint("webhooks", scope: scope, parameters: parameters, body: body, answers: answers, isThrottled: false)
    }

    static let list = of(scope: MediaEndpoints.read, Parameter.paging(), nil, [.page(of: endpoint)])
    static let create = of(
        [],
        .json(
            JSONSchema.object([.required("url", .string(1...2000)), .optional("secret", .string(1...200))] + fields).named("NewWebhook")),
        [.created(withSecret), inactive])
    static let retrieve = of(scope: MediaEndpoints.read, [], nil, [.ok(endpoint)])
    static let change = of(
        [],
        .json(JSONSchema.object([.optional("url", .string(1...2000))] + fields).named("WebhookFields")),
        [.ok(endpoint)])
    static let delete = of([], nil, [.noContent])
    static let rotate = of(
        [], .optionalJSON(.object(.optional("secret", .string(1...200).described("The receiver's own.")))),
        [.ok(withSecret)])
    static let test = of([], nil, [.init(202, "It is on its way", delivery), inactive])
    static let deliveries = of(
        scope: MediaEndpoints.read, Parameter.paging() + [.query("status", .choice(WebhookDeliveryStatus.self), "Only these")], nil,
        [.page(of: delivery)])
    static let retry = of(
        [Parameter(.path, "delivery", .uuid, "Delivery")], nil,
        [.init(202, "It is on its way", delivery), .conflict("It waits already, or the endpoint is switched off")])
}
