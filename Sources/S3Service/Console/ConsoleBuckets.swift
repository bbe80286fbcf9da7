import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ObjectStorage
import S3Wire
import Schemas
import WebAPI

/// `/api/storage/buckets/`.
extension StorageConsole {
    var bucketRoutes: [Route] {
        [
            route(
                .get, "buckets/", "List buckets with their usage",
                endpoint(parameters: Parameter.paging() + [.search], answers: [.page(of: StorageSchemas.bucket)])
            ) { call in try await list(call) },
            route(
                .post, "buckets/", "Make a bucket",
                endpoint(
                    body: .json(Self.creation), answers: [.created(StorageSchemas.bucket), .conflict("There is a bucket of this name")])
            ) { call in try await create(call) },
            route(
                .get, "buckets/{bucket}/", "A bucket with its usage",
                endpoint(parameters: [.bucket], answers: [.ok(StorageSchemas.bucket)])
            ) { call in .unkept(try await json(try await bucket(call))) },
            route(
                .patch, "buckets/{bucket}/", "Change versioning, quota or the media mark of a bucket",
                endpoint(
                    parameters: [.bucket], body: .json(Self.change),
                    answers: [.ok(StorageSchemas.bucket), .conflict("Its state does not allow it, such as an object lock")])
            ) { call in try await patch(call) },
            route(
                .delete, "buckets/{bucket}/", "Delete an empty bucket",
                endpoint(parameters: [.bucket], answers: [.noContent, .conflict("It is not empty")])
            ) { call in
                try await perform(.delete, try await bucket(call).name.description, call)
                return .noContent
            },
        ]
    }

    private static let creation = JSONSchema.object(
        .required("name", StorageSchemas.bucketName), .optional("versioning", .boolean.nullable),
        .optional("object_lock", .boolean.nullable.described("Versions can be locked; they are kept then")),
        .optional("media", .boolean.nullable.described("Pictures and videos in it become media"))
    ).named("BucketCreation")

    private enum Versioning: String, CaseIterable { case enabled, suspended }
    private static let quota = JSONSchema.integer(0...9_007_199_254_740_991).nullable
    private static let change = JSONSchema.object(
        .optional("versioning", .choice(Versioning.self).nullable), .optional("media", .boolean.nullable),
        .optional("quota_bytes", quota.described("null: as much as there is room for")), .optional("quota_objects", quota)
    ).named("BucketChange")

    private func list(_ call: Call) async throws -> Response {
        let page = try PageRequest(call.request, defaultSize: 50)
        var buckets = try await allBuckets()
        if let search = call.parameters.string("search")?.lowercased() { buckets = buckets.filter { $0.name.description.contains(search) } }
        var results: [String] = []
        for bucket in buckets.dropFirst(page.offset).prefix(page.pageSize) { results.append(try await json(bucket)) }
        let base = call.request.base(publicURL: settings.publicURL)
        return .unkept(try page.body(results, count: buckets.count, request: call.request, base: base))
    }

    private func json(_ bucket: Bucket) async throws -> String {
        let usage = try await core.store.usage(bucket.name)
        let documents = core.rules.documents
        let quota = try documents.quota(bucket)
        let isLocked = bucket.documents[ObjectLockConfiguration.documentName] != nil
        let forms = BucketForm.all.filter { bucket.documents[$0.documentName] != nil }.map { JSONText.string($0.path) }
        return JSONText.object([
            ("name", JSONText.string(bucket.name.description)), ("owner", JSONText.string(bucket.owner)),
            ("created", JSONText.string(Timestamp.text(milliseconds: bucket.created))),
            ("versioning", JSONText.string(bucket.versioning.rawValue)), ("object_lock", "\(isLocked)"),
            ("media", "\(MediaMark(bucket) != nil)"),
            ("read_only", "\(core.settings.readOnlyBuckets[bucket.name.description] != nil)"),
            ("public", "\((try? documents.policy(bucket)?.isPublic) ?? false)"),
            ("quota_bytes", quota?.bytes.map(String.init) ?? "null"), ("quota_objects", quota?.objects.map(String.init) ?? "null"),
            ("usage", JSONText.object([("versions", "\(usage.versions)"), ("bytes", "\(usage.bytes)")])),
            ("documents", "[" + forms.joined(separator: ",") + "]"),
        ])
    }

    private func create(_ call: Call) async throws -> Response {
        let name = call.body["name"]?.string ?? ""
        let versioning = call.body["versioning"]?.bool ?? false
        let objectLock = call.body["object_lock"]?.bool ?? false
        let media = call.body["media"]?.bool ?? false
        // To S3 it is no error to make one's own bucket again; to a person it is.
        if let bucket = BucketName(name), try await core.store.bucket(bucket) != nil {
            throw APIError(.conflict, code: "bucket_already_exists", detail: "There is a bucket of this name already.")
        }
        var headers: HTTPFields = [:]
        if objectLock { headers[Self.lockHeader] = "true" }
        try await asField("name") { try await perform(.put, name, headers: headers, call) }
        if versioning, !objectLock { try await setVersioning("Enabled", name, call) }
        if media { try await setMedia(true, name) }
        guard let bucketName = BucketName(name), let bucket = try await core.store.bucket(bucketName) else { throw S3Error.noSuchBucket }
        return .unkept(try await json(bucket), .created)
    }

    private static let lockHeader = HTTPField.Name("x-amz-bucket-object-lock-enabled")!

    private func patch(_ call: Call) async throws -> Response {
        let bucket = try await bucket(call)
        let name = bucket.name.description
        if let versioning = call.body["versioning"]?.string {
            try await asField("versioning") { try await setVersioning(versioning.capitalized, name, call) }
        }
        let (bytes, objects) = (call.body["quota_bytes"], call.body["quota_objects"])
        if bytes != nil || objects != nil {
            // What is null is taken away, what is not said stays.
            let old = try core.rules.documents.quota(bucket)
            try await setQuota(
                bytes: bytes == nil ? old?.bytes : bytes?.integer, objects: objects == nil ? old?.objects : objects?.integer, name, call)
        }
        if let media = call.body["media"]?.bool { try await setMedia(media, name) }
        return .unkept(try await json(try await self.bucket(call)))
    }

    private func setVersioning(_ status: String, _ name: String, _ call: Call) async throws {
        var xml = XMLWriter(root: "VersioningConfiguration")
        xml.element("Status", status)
        try await perform(.put, name, query: [("versioning", "")], document: xml.finish(), call)
    }

    private func setQuota(bytes: Int?, objects: Int?, _ name: String, _ call: Call) async throws {
        guard bytes != nil || objects != nil else {
            try await perform(.delete, name, query: [(BucketQuota.documentName, "")], call)
            return
        }
        var xml = XMLWriter(root: BucketQuota.rootName)
        if let bytes { xml.element("MaxBytes", bytes) }
        if let objects { xml.element("MaxObjects", objects) }
        try await perform(.put, name, query: [(BucketQuota.documentName, "")], document: xml.finish(), call)
    }

    /// Media of a bucket that is marked here are the administrator's, who would not see them in the page's gallery otherwise.
    private func setMedia(_ isMedia: Bool, _ name: String) async throws {
        guard let bucketName = BucketName(name) else { throw S3Error.noSuchBucket }
        let mark = MediaMark(owner: settings.administrator).text
        try await core.store.updateBucket(bucketName) { bucket in
            // A mark that somebody made otherwise stays as it is.
            bucket.documents[MediaMark.document] = isMedia ? MediaMark(bucket)?.text ?? mark : nil
        }
    }
}
