import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ObjectStorage
import S3Wire
import WebAPI

/// `/api/storage/buckets/`.
extension StorageConsole {
    var bucketRoutes: [Route] {
        [
            route(.get, "buckets/", "List buckets with their usage") { call in try await list(call) },
            route(.post, "buckets/", "Make a bucket") { call in try await create(call) },
            route(.get, "buckets/{bucket}/", "A bucket with its usage") { call in .json(try await json(try await bucket(call))) },
            route(.patch, "buckets/{bucket}/", "Change versioning, quota or the media mark of a bucket") { call in try await patch(call) },
            route(.delete, "buckets/{bucket}/", "Delete an empty bucket") { call in
                try await perform(.delete, try await bucket(call).name.description, call)
                return .noContent
            },
        ]
    }

    private func list(_ call: ConsoleCall) async throws -> Response {
        let page = try PageRequest(call.request, defaultSize: 50)
        var buckets = try await allBuckets()
        if let search = call.optional("search")?.lowercased() { buckets = buckets.filter { $0.name.description.contains(search) } }
        var results: [String] = []
        for bucket in buckets.dropFirst(page.offset).prefix(page.pageSize) { results.append(try await json(bucket)) }
        return .json(try page.body(results, count: buckets.count, request: call.request, base: call.base))
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

    private func create(_ call: ConsoleCall) async throws -> Response {
        var body = try await call.body()
        let name = body.requiredText("name")
        let versioning = body.flag("versioning") ?? false
        let objectLock = body.flag("object_lock") ?? false
        let media = body.flag("media") ?? false
        try body.check()
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
        return .json(try await json(bucket), .created)
    }

    private static let lockHeader = HTTPField.Name("x-amz-bucket-object-lock-enabled")!

    private func patch(_ call: ConsoleCall) async throws -> Response {
        enum Wish: String, CaseIterable { case enabled, suspended }
        let bucket = try await bucket(call)
        let name = bucket.name.description
        var body = try await call.body()
        let versioning = body.choice("versioning", Wish.self)
        let media = body.flag("media")
        let bytes = body.number("quota_bytes", in: 0...Int.max)
        let objects = body.number("quota_objects", in: 0...Int.max)
        try body.check()
        if let versioning { try await asField("versioning") { try await setVersioning(versioning.rawValue.capitalized, name, call) } }
        if body.contains("quota_bytes") || body.contains("quota_objects") {
            let old = try core.rules.documents.quota(bucket)
            try await setQuota(
                bytes: body.contains("quota_bytes") ? bytes : old?.bytes, objects: body.contains("quota_objects") ? objects : old?.objects,
                name, call)
        }
        if let media { try await setMedia(media, name) }
        return .json(try await json(try await self.bucket(call)))
    }

    private func setVersioning(_ status: String, _ name: String, _ call: ConsoleCall) async throws {
        var xml = XMLWriter(root: "VersioningConfiguration")
        xml.element("Status", status)
        try await perform(.put, name, query: [("versioning", "")], document: xml.finish(), call)
    }

    private func setQuota(bytes: Int?, objects: Int?, _ name: String, _ call: ConsoleCall) async throws {
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
