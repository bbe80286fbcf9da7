import HTTPTypes
import Hummingbird
import ObjectStorage
import S3Wire
import Schemas
import WebAPI

/// `/api/storage/buckets/{bucket}/content/`: the bytes of an object, both ways, streamed.
extension StorageConsole {
    var contentRoutes: [Route] {
        [
            route(
                .get, "buckets/{bucket}/content/", "Download an object",
                endpoint(
                    "Streamed, with ranges and conditions (RFC 9110).",
                    parameters: [
                        .bucket, .key, .versionID,
                        .query("inline", .boolean, "Whether a browser may show it: pictures, videos, sounds and plain text alone"),
                        .header("Range", .string(0...200), "A part of it, such as bytes=0-99"),
                        .header("If-None-Match", .string(0...500), "304 where it has one of these entity tags"),
                        .header("If-Match", .string(0...500), "412 where it has none of these entity tags"),
                    ],
                    answers: [
                        Endpoint.Answer(200, "The bytes, of the type that they were stored with", Self.file, contentType: "*/*"),
                        Endpoint.Answer(206, "A part of them", Self.file, contentType: "*/*"),
                        Endpoint.Answer(304, "The client has them"), .error(405, "The version is a delete marker"),
                        .error(416, "There is no such part"),
                    ], isThrottled: false)
            ) { call in try await download(call) },
            route(
                .put, "buckets/{bucket}/content/", "Upload an object, whole",
                endpoint(
                    "Streamed. The Content-Type is kept, whichever it is.", parameters: [.bucket, .key, .ifMatch, Self.ifNoneMatch],
                    body: .raw("application/octet-stream", Self.file),
                    answers: [
                        .created(StorageSchemas.object), .conflict("Another wrote it at the same moment"),
                    ], isThrottled: false)
            ) { call in
                let bucket = try await bucket(call)
                try await perform(
                    .put, bucket.name.description, key: try call.required("key"), headers: Self.uploadHeaders(call),
                    body: call.request.body, call)
                return .unkept(ObjectJSON.detail(try await version(call, bucket)), .created)
            },
        ]
    }

    static let file = JSONSchema.string(format: .binary)
    private static let ifNoneMatch = Parameter.header(
        "If-None-Match", .string(0...500), "* to make an object and not replace one; 412 where there is one")

    /// Types that a browser shows without running anything; SVG and HTML are not among them.
    private static let shown: Set<String> = [
        "image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp", "video/mp4", "video/webm", "audio/mpeg",
        "audio/ogg",
        "text/plain",
    ]

    /// What somebody stored is given to the page's origin, where the session is: so it is never run there. Anything but pictures and
    /// their like is a download, no type is guessed, and a document has neither script nor origin.
    private func download(_ call: Call) async throws -> Response {
        let bucket = try await bucket(call)
        let key = try call.required("key")
        var headers: HTTPFields = [:]
        for name in [HTTPField.Name.range, .ifNoneMatch, .ifModifiedSince, .ifMatch, .ifUnmodifiedSince] {
            headers[name] = call.request.headers[name]
        }
        let query = call.parameters.string("version_id").map { [("versionId", $0)] } ?? []
        var answer = try await perform(.get, bucket.name.description, key: key, query: query, headers: headers, call)
        let type = HeaderParameters(answer.headers[.contentType] ?? "").value.lowercased()
        let isShown = call.parameters.bool("inline") == true && Self.shown.contains(type)
        answer.headers[.contentDisposition] = Self.disposition(isShown ? "inline" : "attachment", key)
        answer.headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        answer.headers[.xContentTypeOptions] = "nosniff"
        answer.headers[.cacheControl] = "private, no-cache"
        return responder.render(answer, call.request)
    }

    /// RFC 6266: the last part of the key as a file's name.
    private static func disposition(_ kind: String, _ key: String) -> String {
        let name = key.split(separator: "/").last.map(String.init) ?? "object"
        let plain = String(
            name.unicodeScalars.map { $0.value >= 0x20 && $0.value < 0x7F && $0 != "\"" && $0 != "\\" ? Character($0) : "_" })
        return "\(kind); filename=\"\(plain)\"; filename*=UTF-8''\(name.urlPercentEncoded)"
    }

    /// What an upload says of its object.
    static func uploadHeaders(_ call: Call) -> HTTPFields {
        var headers: HTTPFields = [:]
        for name in [
            HTTPField.Name.contentLength, .transferEncoding, .contentType, .contentMD5, .cacheControl, .ifNoneMatch, .ifMatch,
        ] { headers[name] = call.request.headers[name] }
        return headers
    }
}
