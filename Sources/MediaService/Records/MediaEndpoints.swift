import Foundation
import Hummingbird
import Schemas
import WebAPI

/// What the routes of media take and answer, for the OpenAPI document, and what credentials have to be good for. Bodies are read by the
/// handlers themselves: files stream, and a record's fields are the same in a form and in JSON.
enum MediaEndpoints {
    static let read = "media:read"
    static let write = "media:write"
    private static let tag = "media"

    private static let fields: [JSONSchema.Property] = [
        .optional("title", .string(0...MediaFields.titleLength)), .optional("alt", .string(0...MediaFields.altLength)),
        .optional("visibility", .choice(Visibility.self)), .optional("purpose", .string(0...MediaFields.purposeLength)),
    ]
    private static let prefer = Parameter.header(
        "Prefer", .string(0...200), "wait=10: answer when all is rendered, after so many seconds at the latest")
    private static let one = Endpoint.Answer.created(MediaSchema.record, "The item; its renditions have addresses already")

    private static func endpoint(
        details: String = "", access: Endpoint.Access = .user, scope: String = write, _ parameters: [Parameter] = [],
        _ body: Endpoint.Body? = nil, _ answers: [Endpoint.Answer]
    ) -> Endpoint {
        // Pages ask for many items at once, and uploads are limited by what they bring.
        Endpoint(
            tag, details: details, access: access, scope: scope, parameters: parameters, body: body, answers: answers, isThrottled: false)
    }

    // MARK: Records

    static let list = endpoint(
        details: "Public items, and the reader's own.", access: .anyone, scope: read,
        Parameter.paging() + [
            .search, .ordering(["created", "updated", "size", "title", "filename"]),
            .query("kind", .choice(["image", "video"]), "Only these"), .query("status", .choice(MediaStatus.self), "Only these"),
            .query("owner", .string(0...200), "Only this user's"), .query("visibility", .choice(Visibility.self), "Only these"),
            .query("purpose", .string(0...MediaFields.purposeLength), "Only these"),
            .query("created_after", .dateTime, "At this time or later"), .query("created_before", .dateTime, "Before this time"),
        ], nil, [.page(of: MediaSchema.record)])

    static let retrieve = endpoint(access: .anyone, scope: read, [], nil, [.ok(MediaSchema.record)])

    static let change = endpoint(
        [], .json(JSONSchema.object(fields).named("MediaFields")),
        [.ok(MediaSchema.record)])

    static let delete = endpoint([], nil, [.noContent])

    static let sign = endpoint(
        [], .optionalJSON(.object(.optional("expires_in", .integer(1...31_536_000).described("Seconds.")))),
        [
            .ok(
                JSONSchema.object(
                    .required("url", .string(1...4000)),
                    .required(
                        "renditions",
                        .array(
                            .object(
                                .required("name", .string(1...100)), .required("format", .string(1...20)),
                                .required("url", .string(1...4000))))),
                    .required("playback", JSONSchema.string(1...4000).nullable), .required("expires", .dateTime)
                ).named("SignedLinks"))
        ])

    // MARK: Ways in

    static let upload = endpoint(
        details:
            "The field `file` stands once or several times; of one file the answer is its record, of several an object with `results`.",
        [prefer],
        .raw(
            "multipart/form-data", JSONSchema.object([.required("file", .string(format: .binary))] + fields).named("MediaUpload")),
        [
            Endpoint.Answer(
                201, "The item, or items; their renditions have addresses already",
                .oneOf(MediaSchema.record, .object(.required("results", .array(MediaSchema.record)))))
        ])

    static let presign = endpoint(
        [],
        .json(
            JSONSchema.object(
                fields + [
                    .optional("filename", .string(0...255)), .optional("content_type", .string(0...100)),
                    .optional("max_size", .integer(1...9_007_199_254_740_991).described("Bytes.")),
                    .optional("expires_in", .integer(1...31_536_000).described("Seconds.")),
                ]
            ).named("PresignRequest")),
        [
            .created(
                JSONSchema.object(
                    .required("url", .string(1...4000)), .required("method", .choice(["POST"])), .required("field", .choice(["file"])),
                    .required("fields", .map(.string())), .required("headers", .map(.string())),
                    .required("max_size", .integer(1...9_007_199_254_740_991)), .required("expires", .dateTime)
                ).named("PresignedAddress"))
        ])

    private static let presigned: [Parameter] = [
        .query("expires", .string(0...40), "As the address has it"), .query("signature", .string(0...200), "As the address has it"), prefer,
    ]
    private static let presignedAnswers: [Endpoint.Answer] = [
        one, .init(403, "The signature is wrong or has expired", APIError.schema),
        .conflict("The address has had its upload"),
    ]

    static let presignedForm = endpoint(
        access: .anyone, presigned, .raw("multipart/form-data", .object(.required("file", .string(format: .binary)))),
        presignedAnswers)

    static let presignedBody = endpoint(
        access: .anyone, presigned, .raw("application/octet-stream", .string(format: .binary)), presignedAnswers)

    static let importing = endpoint(
        [prefer],
        .json(JSONSchema.object([.required("url", .string(1...2000))] + fields).named("MediaImport")),
        [
            one, .init(403, "Importing is turned off", APIError.schema),
            .init(503, "Too many imports at once", APIError.schema, headers: [("Retry-After", "Seconds")]),
        ])
}
