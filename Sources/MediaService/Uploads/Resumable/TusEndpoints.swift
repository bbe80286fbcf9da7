import Schemas
import WebAPI

/// What the routes of tus take and answer. Their handler reads them by itself: tus says with which status each mistake is answered, and
/// every answer carries the protocol's version.
enum TusEndpoints {
    // MARK: Header fields

    private static let version = Parameter.header(
        "Tus-Resumable", .choice([TusRoutes.version]), required: true, "Version of tus that the client speaks; 412 with another")
    private static let bytes = JSONSchema.integer(0...9_007_199_254_740_991)
    private static let offset = Parameter.header(
        "Upload-Offset", bytes, required: true, "Where the body goes on, in bytes; 409 where the upload stands elsewhere")
    private static let length = Parameter.header("Upload-Length", bytes, "Bytes of the whole file; 413 above the setting resumable-limit")
    private static let checksum = Parameter.header(
        "Upload-Checksum", .string(0...100),
        "An algorithm and the body's digest in Base64, such as sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")
    private static let metadata = Parameter.header(
        "Upload-Metadata", .string(0...8000), "Keys with their values in Base64: filename, title, alt, visibility, purpose")
    private static let methodOverride = Parameter.header(
        "X-HTTP-Method-Override", .choice(["PATCH", "DELETE", "HEAD", "OPTIONS"]), required: true,
        "The method that is meant, for clients behind proxies that know no PATCH")

    // MARK: Answers

    private static let progress = [
        ("Tus-Resumable", "Version of tus"), ("Upload-Offset", "How many bytes are there"), ("Upload-Expires", "When it goes"),
        ("Agrovet-Media", "Address of the media item that it became"),
    ]

    private static func answers(_ status: Int, _ description: String, _ errors: [Int], headers: [(String, String)] = progress)
        -> [Endpoint.Answer]
    {
        let texts = [
            404: "There is no such upload, or it is another's", 405: "No method of tus",
            409: "The offset is another, or a piece is not complete",
            410: "It has expired, or its bytes are gone", 412: "Another version of tus", 413: "It is too large",
            415: "The body is no application/offset+octet-stream", 423: "Another connection writes to it",
            429: "There are as many unfinished ones as the setting resumable-uploads allows",
            460: "The checksum is another; nothing of it counts",
            507: "No room left on the disk; what was acknowledged stays",
        ]
        return [Endpoint.Answer(status, description, headers: headers)]
            + errors.map { Endpoint.Answer($0, texts[$0] ?? "", APIError.schema) }
    }

    // MARK: Operations

    static let options = Endpoint(
        "uploads", details: about, access: .anyone,
        answers: answers(
            204, "What can be done here", [],
            headers: [
                ("Tus-Resumable", "Version of tus"), ("Tus-Version", "Versions that are spoken"), ("Tus-Extension", "Extensions of tus"),
                ("Tus-Max-Size", "Bytes of an upload at most"), ("Tus-Checksum-Algorithm", "Algorithms of Upload-Checksum"),
            ]), isThrottled: false)
    static let begin = endpoint(
        [
            version, length,
            .header("Upload-Defer-Length", .choice(["1"]), "In place of Upload-Length: it is not known yet"), metadata,

            .header(
                "Upload-Concat", .string(0...8000), "partial; or final; and the addresses of the pieces that it is made of"), checksum,
        ], body: body(isRequired: false),
        answers: answers(
            201, "It is begun", [404, 405, 409, 410, 412, 423, 429, 460],
            headers: [("Location", "Its address")] + progress))
    static let state = endpoint(
        [version],
        answers: answers(
            200, "How far it has come", [405, 410, 412],
            headers: progress + [
                ("Upload-Length", "Bytes of the whole file"), ("Upload-Defer-Length", "1 where that is not known"),
                ("Upload-Metadata", "As it came"), ("Upload-Concat", "What it is a piece of, or made of"),
            ]))
    static let append = endpoint(
        [version, offset, length, checksum], body: body(isRequired: true),
        answers: answers(204, "How far it has come", [409, 410, 412, 423, 460]))
    static let end = endpoint([version], answers: answers(204, "It is gone", [405, 410, 412, 423], headers: [progress[0]]))
    static let override = endpoint(
        [version, methodOverride, length, .header("Upload-Offset", bytes, "For PATCH"), checksum], body: body(isRequired: false),
        answers: answers(204, "As the method that is meant", [405, 409, 410, 412, 423, 460])
            + [Endpoint.Answer(200, "How far it has come, for HEAD", headers: progress)])

    private static let about = "tus 1.0 (https://tus.io/protocols/resumable-upload), with docs/UPLOADS.md."

    private static func body(isRequired: Bool) -> Endpoint.Body {
        .raw(TusRoutes.contentType, .string(format: .binary), isRequired: isRequired)
    }

    private static func endpoint(
        _ parameters: [Parameter], body: Endpoint.Body? = nil, answers: [Endpoint.Answer]
    ) -> Endpoint {
        Endpoint(
            "uploads", details: about, scope: MediaEndpoints.write, parameters: parameters, body: body, answers: answers, isThrottled: false
        )
    }
}
