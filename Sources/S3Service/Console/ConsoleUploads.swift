import HTTPTypes
import Hummingbird
import NIOCore
import ObjectStorage
import S3Wire
import Schemas
import WebAPI

/// `/api/storage/buckets/{bucket}/uploads/`: objects that come in parts, so that a connection that breaks costs one part.
extension StorageConsole {
    var uploadRoutes: [Route] {
        [
            route(
                .get, "buckets/{bucket}/uploads/", "List uploads that are not complete",
                endpoint(
                    parameters: [
                        .bucket, .prefix, .after, .query("after_upload", .string(1...200), "As `next` has it"),
                        .pageSize(core.settings.pageKeys),
                    ], answers: [.ok(StorageSchemas.uploads)])
            ) { call in try await listUploads(call) },
            route(
                .post, "buckets/{bucket}/uploads/", "Begin an upload in parts; its id is answered",
                endpoint(parameters: [.bucket], body: .json(Self.beginning), answers: [.created(StorageSchemas.upload)])
            ) { call in try await begin(call) },
            route(
                .put, "buckets/{bucket}/uploads/{upload}/{part}/", "Upload a part",
                endpoint(
                    "Streamed.",
                    parameters: [
                        .bucket, Self.upload, Parameter(.path, "part", .integer(1...10_000), "Number of the part, in order from 1"), .key,
                    ], body: .raw("application/octet-stream", Self.file), answers: [.ok(.object(.required("etag", .string())))],
                    isThrottled: false)
            ) { call in try await putPart(call) },
            route(
                .post, "buckets/{bucket}/uploads/{upload}/complete/", "Make the object of the parts",
                endpoint(
                    "Of all the parts that have come, in order of their numbers.", parameters: [.bucket, Self.upload, .key],
                    answers: [.created(StorageSchemas.object), .conflict("Another wrote it at the same moment")])
            ) { call in try await complete(call) },
            route(
                .delete, "buckets/{bucket}/uploads/{upload}/", "Give an upload up",
                endpoint(parameters: [.bucket, Self.upload, .key], answers: [.noContent])
            ) { call in
                let bucket = try await bucket(call)
                try await perform(
                    .delete, bucket.name.description, key: try call.required("key"), query: [("uploadId", try call.path("upload"))], call)
                return .noContent
            },
        ]
    }

    private static let upload = Parameter(.path, "upload", .string(1...200), "Id of the upload")
    private static let beginning = JSONSchema.object(
        .required("key", StorageSchemas.key), .optional("content_type", StorageSchemas.headerValue.nullable))

    private func listUploads(_ call: Call) async throws -> Response {
        let bucket = try await bucket(call)
        var query = VersionedObjectStore.ListQuery()
        query.prefix = call.parameters.string("prefix") ?? ""
        query.after = call.parameters.string("after")
        query.afterID = query.after == nil ? nil : call.parameters.string("after_upload")
        query.limit = call.pageSize(limit: core.settings.pageKeys)
        let page = try await core.store.listUploads(bucket.name, query)
        let results = page.items.map { upload in
            JSONText.object([
                ("id", JSONText.string(upload.id)), ("key", JSONText.string(upload.key.description)),
                ("created", JSONText.string(Timestamp.text(milliseconds: upload.created))),
                ("owner", JSONText.string(upload.attributes.owner)),
            ])
        }
        let next = page.next.map { JSONText.string(link(call, [("after", $0), ("after_upload", page.nextID ?? "")])) }
        return .unkept(JSONText.object([("next", next ?? "null"), ("results", "[" + results.joined(separator: ",") + "]")]))
    }

    private func begin(_ call: Call) async throws -> Response {
        let bucket = try await bucket(call)
        let key = call.body["key"]?.string ?? ""
        var headers: HTTPFields = [:]
        if let type = call.body["content_type"]?.string, !type.isEmpty { headers[.contentType] = type }
        let answer = try await asField("key") {
            try await perform(.post, bucket.name.description, key: key, query: [("uploads", "")], headers: headers, call)
        }
        guard case .bytes(let document) = answer.body, let id = try XMLElement.reading(document).value("UploadId") else {
            throw S3Error.internalError
        }
        return .unkept(JSONText.object([("id", JSONText.string(id)), ("key", JSONText.string(key))]), .created)
    }

    private func putPart(_ call: Call) async throws -> Response {
        let bucket = try await bucket(call)
        let answer = try await perform(
            .put, bucket.name.description, key: try call.required("key"),
            query: [("uploadId", try call.path("upload")), ("partNumber", try call.path("part"))],
            headers: Self.uploadHeaders(call), body: call.request.body, call)
        let etag = (answer.headers[.eTag] ?? "").filter { $0 != "\"" }
        return .unkept(JSONText.object([("etag", JSONText.string(etag))]))
    }

    /// Of all the parts that have come, in order of their numbers.
    private func complete(_ call: Call) async throws -> Response {
        let bucket = try await bucket(call)
        guard let key = ObjectKey(try call.required("key")),
            let upload = try await core.store.upload(try call.path("upload"), key, in: bucket.name)
        else { throw S3Error.noSuchUpload }
        var xml = XMLWriter(root: "CompleteMultipartUpload")
        for part in try await core.store.parts(of: upload, after: 0, limit: 10_000) {
            xml.open("Part")
            xml.element("PartNumber", part.number)
            xml.element("ETag", part.etag)
            xml.close("Part")
        }
        try await perform(
            .post, bucket.name.description, key: key.description, query: [("uploadId", upload.id)], document: xml.finish(), call)
        return .unkept(ObjectJSON.detail(try await version(call, bucket)), .created)
    }
}
