import HTTPTypes
import Hummingbird
import NIOCore
import ObjectStorage
import S3Wire
import WebAPI

/// `/api/storage/buckets/{bucket}/uploads/`: objects that come in parts, so that a connection that breaks costs one part.
extension StorageConsole {
    var uploadRoutes: [Route] {
        [
            route(.get, "buckets/{bucket}/uploads/", "List uploads that are not complete") { call in try await listUploads(call) },
            route(.post, "buckets/{bucket}/uploads/", "Begin an upload in parts; its id is answered") { call in try await begin(call) },
            route(.put, "buckets/{bucket}/uploads/{upload}/{part}/", "Upload a part; key") { call in try await putPart(call) },
            route(.post, "buckets/{bucket}/uploads/{upload}/complete/", "Make the object of the parts; key") { call in
                try await complete(call)
            },
            route(.delete, "buckets/{bucket}/uploads/{upload}/", "Give an upload up; key") { call in
                let bucket = try await bucket(call)
                try await perform(
                    .delete, bucket.name.description, key: try call.required("key"), query: [("uploadId", try Self.uploadID(call))], call)
                return .noContent
            },
        ]
    }

    private static func uploadID(_ call: ConsoleCall) throws -> String { try call.context.parameters.require("upload") }

    private func listUploads(_ call: ConsoleCall) async throws -> Response {
        let bucket = try await bucket(call)
        var query = VersionedObjectStore.ListQuery()
        query.prefix = call.query["prefix"] ?? ""
        query.after = call.optional("after")
        query.afterID = query.after == nil ? nil : call.optional("after_upload")
        query.limit = call.pageSize(limit: core.settings.pageKeys)
        let page = try await core.store.listUploads(bucket.name, query)
        let results = page.items.map { upload in
            JSONText.object([
                ("id", JSONText.string(upload.id)), ("key", JSONText.string(upload.key.description)),
                ("created", JSONText.string(Timestamp.text(milliseconds: upload.created))),
                ("owner", JSONText.string(upload.attributes.owner)),
            ])
        }
        let next = page.next.map { JSONText.string(call.link(setting: [("after", $0), ("after_upload", page.nextID ?? "")])) }
        return .json(JSONText.object([("next", next ?? "null"), ("results", "[" + results.joined(separator: ",") + "]")]))
    }

    private func begin(_ call: ConsoleCall) async throws -> Response {
        let bucket = try await bucket(call)
        var body = try await call.body()
        let key = body.requiredText("key")
        let type = body.text("content_type")
        try body.check()
        var headers: HTTPFields = [:]
        if let type, !type.isEmpty, !type.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { headers[.contentType] = type }
        let answer = try await asField("key") {
            try await perform(.post, bucket.name.description, key: key, query: [("uploads", "")], headers: headers, call)
        }
        guard case .bytes(let document) = answer.body, let id = try XMLElement.reading(document).value("UploadId") else {
            throw S3Error.internalError
        }
        return .json(JSONText.object([("id", JSONText.string(id)), ("key", JSONText.string(key))]), .created)
    }

    private func putPart(_ call: ConsoleCall) async throws -> Response {
        let bucket = try await bucket(call)
        let answer = try await perform(
            .put, bucket.name.description, key: try call.required("key"),
            query: [("uploadId", try Self.uploadID(call)), ("partNumber", try call.context.parameters.require("part"))],
            headers: Self.uploadHeaders(call), body: call.request.body, call)
        let etag = (answer.headers[.eTag] ?? "").filter { $0 != "\"" }
        return .json(JSONText.object([("etag", JSONText.string(etag))]))
    }

    /// Of all the parts that have come, in order of their numbers.
    private func complete(_ call: ConsoleCall) async throws -> Response {
        let bucket = try await bucket(call)
        guard let key = ObjectKey(try call.required("key")),
            let upload = try await core.store.upload(try Self.uploadID(call), key, in: bucket.name)
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
        return .json(ObjectJSON.detail(try await version(call, bucket)), .created)
    }
}
