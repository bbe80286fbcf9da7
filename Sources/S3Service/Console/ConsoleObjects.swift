import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ObjectStorage
import S3Wire
import Schemas
import WebAPI

/// `/api/storage/buckets/{bucket}/objects/` and what belongs to it. Keys stand in the query and not in the path: proxies and routers
/// tidy paths (`//`, `..`), and a key may hold any of that.
extension StorageConsole {
    var objectRoutes: [Route] {
        let size = Parameter.pageSize(core.settings.pageKeys)
        let delimiter = Parameter.query("delimiter", .verbatim(1...1024), "What ends the names of folders, such as /")
        return [
            route(
                .get, "buckets/{bucket}/objects/", "List objects and folders",
                endpoint(
                    parameters: [.bucket, .prefix, delimiter, .after, size],
                    answers: [.ok(StorageSchemas.list(of: StorageSchemas.listedObject))])
            ) { call in try await listObjects(call) },
            route(
                .get, "buckets/{bucket}/versions/", "List versions and delete markers",
                endpoint(
                    "Of one key, newest first, with `key`.",
                    parameters: [
                        .bucket, .prefix, delimiter, .after, .query("after_version", StorageSchemas.versionID, "As `next` has it"), size,
                        .query("key", StorageSchemas.key, "Of this key alone"),
                    ], answers: [.ok(StorageSchemas.list(of: StorageSchemas.listedVersion))])
            ) { call in
                guard let key = call.parameters.string("key") else { return try await listVersions(call) }
                return try await versions(of: key, call)
            },
            route(
                .post, "buckets/{bucket}/objects/delete/", "Delete up to 1,000 objects, named or by prefix",
                endpoint(parameters: [.bucket], body: .json(Self.deletions), answers: [.ok(Self.deleted)])
            ) { call in try await deleteMany(call) },
            route(
                .get, "buckets/{bucket}/object/", "An object's metadata and tags",
                endpoint(parameters: [.bucket, .key, .versionID], answers: [.ok(StorageSchemas.object)])
            ) { call in .unkept(ObjectJSON.detail(try await version(call, try await bucket(call)))) },
            route(
                .patch, "buckets/{bucket}/object/", "Change an object's type, metadata or tags",
                endpoint(
                    "Type, cache control and metadata make another version of it.", parameters: [.bucket, .key, .versionID],
                    body: .json(Self.change),
                    answers: [.ok(StorageSchemas.object), .error(405, "The version is a delete marker"), .conflict("It is locked")])
            ) { call in try await patchObject(call) },
            route(
                .post, "buckets/{bucket}/object/copy/", "Copy a version of an object to a key of the same bucket",
                endpoint(
                    "To the same key it brings an old version back.", parameters: [.bucket], body: .json(Self.copying),
                    answers: [.created(StorageSchemas.object), .conflict("Another wrote it at the same moment")])
            ) { call in try await copy(call) },
            route(
                .delete, "buckets/{bucket}/object/", "Delete an object, or one version of it for good",
                endpoint(
                    parameters: [.bucket, .key, .versionID, .query("bypass_governance", .boolean, "Also where governance locks it")],
                    answers: [.noContent])
            ) { call in
                let query = call.parameters.string("version_id").map { [("versionId", $0)] } ?? []
                let bucket = try await bucket(call)
                try await perform(
                    .delete, bucket.name.description, key: try call.required("key"), query: query,
                    headers: Self.bypass(call.parameters.bool("bypass_governance") ?? false), call)
                return .noContent
            },
        ]
    }

    private static let change = JSONSchema.object(
        .optional("content_type", StorageSchemas.headerValue.nullable), .optional("cache_control", StorageSchemas.headerValue.nullable),
        .optional("metadata", JSONSchema.map(StorageSchemas.headerValue, names: StorageSchemas.metadataName).nullable),
        .optional("tags", JSONSchema.map(.verbatim(0...256), names: .verbatim(1...128)).nullable.described("Instead of those there are"))
    ).named("StoredObjectChange")
    private static let copying = JSONSchema.object(
        .required("key", StorageSchemas.key), .optional("version_id", StorageSchemas.versionID.nullable),
        .required("to_key", StorageSchemas.key)
    ).named("ObjectCopy")
    private static let deletions = JSONSchema.object(
        .optional(
            "objects",
            .array(
                .object(.required("key", StorageSchemas.key), .optional("version_id", StorageSchemas.versionID.nullable)),
                count: 0...deletionsAtOnce
            ).nullable.described("These; or with prefix as many as are deleted at once")),
        .optional("prefix", .verbatim(0...1024).nullable.described("All whose keys begin with it")),
        .optional("versions", .boolean.nullable.described("With prefix: every version, for good")),
        .optional("bypass_governance", .boolean.nullable)
    ).named("ObjectDeletions")
    private static let deleted = JSONSchema.object(
        .required("deleted", .integer(0...deletionsAtOnce)), .required("has_more", .boolean.described("Ask again")),
        .required(
            "errors",
            .array(
                .object(
                    .required("key", .string()), .required("version_id", .string().nullable), .required("code", .string()),
                    .required("detail", .string())))))

    /// What has as many characters as a key may have bytes may still be too long.
    static func noKey(_ field: String) -> APIError { .invalid(field, "A key has 1 to 1,024 bytes.") }

    private static func bypass(_ isWanted: Bool) -> HTTPFields {
        isWanted ? [HTTPField.Name("x-amz-bypass-governance-retention")!: "true"] : [:]
    }

    // MARK: Lists

    private func listObjects(_ call: Call) async throws -> Response {
        let bucket = try await bucket(call)
        let page = try await core.store.list(bucket.name, query(call))
        let next = page.next.map { JSONText.string(link(call, [("after", $0)])) }
        return Self.list(page.items.map(ObjectJSON.text), folders: page.commonPrefixes, next: next)
    }

    private func listVersions(_ call: Call) async throws -> Response {
        let bucket = try await bucket(call)
        var query = query(call)
        query.afterID = query.after == nil ? nil : call.parameters.string("after_version")
        let page = try await core.store.listVersions(bucket.name, query)
        let next = page.next.map { JSONText.string(link(call, [("after", $0), ("after_version", page.nextID ?? "")])) }
        return Self.list(page.items.map(ObjectJSON.text), folders: page.commonPrefixes, next: next)
    }

    /// Those of one key, newest first.
    private func versions(of text: String, _ call: Call) async throws -> Response {
        let bucket = try await bucket(call)
        guard let key = ObjectKey(text) else { throw Self.noKey("key") }
        var query = VersionedObjectStore.ListQuery()
        // The key itself is the first of those that begin with it.
        query.prefix = key.description
        query.limit = call.pageSize(limit: core.settings.pageKeys)
        query.after = call.parameters.string("after_version") == nil ? nil : key.description
        query.afterID = call.parameters.string("after_version")
        let page = try await core.store.listVersions(bucket.name, query)
        let own = page.items.filter { $0.key == key }
        let hasMore = page.next == key.description && own.count == page.items.count
        let next = hasMore ? page.nextID.map { JSONText.string(link(call, [("after_version", $0)])) } : nil
        return Self.list(own.map(ObjectJSON.text), folders: [], next: next)
    }

    private func query(_ call: Call) -> VersionedObjectStore.ListQuery {
        var query = VersionedObjectStore.ListQuery()
        query.prefix = call.parameters.string("prefix") ?? ""
        query.delimiter = call.parameters.string("delimiter")
        query.after = call.parameters.string("after")
        query.limit = call.pageSize(limit: core.settings.pageKeys)
        return query
    }

    /// A page that is continued by where it ends: there is no count of what was never looked at.
    private static func list(_ results: [String], folders: [String], next: String?) -> Response {
        .unkept(
            JSONText.object([
                ("next", next ?? "null"), ("folders", "[" + folders.map(JSONText.string).joined(separator: ",") + "]"),
                ("results", "[" + results.joined(separator: ",") + "]"),
            ]))
    }

    /// The version that a call names, or the latest.
    func version(_ call: Call, _ bucket: Bucket) async throws -> ObjectVersion {
        guard let key = ObjectKey(try call.required("key")) else { throw Self.noKey("key") }
        guard let version = try await core.find(key, call.parameters.string("version_id"), bucket) else { throw S3Error.noSuchKey }
        return version
    }

    // MARK: Changes

    private func patchObject(_ call: Call) async throws -> Response {
        let bucket = try await bucket(call)
        let name = bucket.name.description
        let version = try await version(call, bucket)
        guard !version.isDeleteMarker else { throw S3Error.noSuchKey }
        let contentType = call.body["content_type"]?.string
        let cacheControl = call.body["cache_control"]?.string
        let metadata = Self.texts(call.body["metadata"])
        let tags = Self.texts(call.body["tags"])
        if contentType != nil || cacheControl != nil || metadata != nil {
            // S3 changes what an object carries by copying it onto itself; its bytes are shared.
            var headers: HTTPFields = [.metadataDirective: "REPLACE", .contentType: contentType ?? version.contentType]
            headers[.copySource] = S3Signer.encode(path: "\(name)/\(version.key.description)") + "?versionId=\(version.versionID)"
            for (name, value) in version.attributes.headers { if let name = HTTPField.Name(name) { headers[name] = value } }
            if let cacheControl { headers[.cacheControl] = cacheControl.isEmpty ? nil : cacheControl }
            for (name, value) in metadata ?? version.attributes.metadata {
                if let name = HTTPField.Name("x-amz-meta-" + name) { headers[name] = value }
            }
            headers[.storageClass] = version.attributes.storageClass
            try await asField("metadata") { try await perform(.put, name, key: version.key.description, headers: headers, call) }
        }
        if let tags {
            let set = TagSet(tags: tags.sorted { $0.key < $1.key }.map { ObjectTag(key: $0.key, value: $0.value) })
            // A change above made another version, which is the latest.
            let isSame = contentType == nil && cacheControl == nil && metadata == nil
            let query = isSame ? call.parameters.string("version_id").map { [("versionId", $0)] } ?? [] : []
            try await asField("tags") {
                try await perform(.put, name, key: version.key.description, query: [("tagging", "")] + query, document: set.xml, call)
            }
        }
        guard let changed = try await core.store.find(version.key, version: nil, in: bucket.name) else { throw S3Error.noSuchKey }
        return .unkept(ObjectJSON.detail(changed))
    }

    private func copy(_ call: Call) async throws -> Response {
        let bucket = try await bucket(call)
        let name = bucket.name.description
        let key = call.body["key"]?.string ?? ""
        let target = call.body["to_key"]?.string ?? ""
        let versionID = call.body["version_id"]?.string
        guard ObjectKey(key) != nil else { throw Self.noKey("key") }
        guard ObjectKey(target) != nil else { throw Self.noKey("to_key") }
        var headers: HTTPFields = [:]
        headers[.copySource] = S3Signer.encode(path: "\(name)/\(key)") + (versionID.map { "?versionId=\($0)" } ?? "")
        try await asField("key") { try await perform(.put, name, key: target, headers: headers, call) }
        guard let copied = ObjectKey(target), let version = try await core.store.find(copied, version: nil, in: bucket.name) else {
            throw S3Error.noSuchKey
        }
        return .unkept(ObjectJSON.detail(version), .created)
    }

    /// Nil where nothing was said.
    private static func texts(_ value: JSONValue?) -> [String: String]? {
        guard let value, !value.isNull else { return nil }
        return value.members.compactMapValues(\.string)
    }

    // MARK: Many at once

    private static let deletionsAtOnce = 1000

    private func deleteMany(_ call: Call) async throws -> Response {
        let bucket = try await bucket(call)
        var named = try (call.body["objects"]?.elements ?? []).map { object in
            guard let key = object["key"]?.string.flatMap({ ObjectKey($0) }) else { throw Self.noKey("objects") }
            return (key, object["version_id"]?.string)
        }
        var hasMore = false
        if let prefix = call.body["prefix"]?.string {
            (named, hasMore) = try await below(prefix, call.body["versions"]?.bool ?? false, bucket)
        } else if named.isEmpty {
            throw APIError.invalid("objects", "Name objects, or a prefix.")
        }
        let request = S3Request(
            ofRoot: .post, bucket.name.description, headers: Self.bypass(call.body["bypass_governance"]?.bool ?? false), call)
        var errors: [String] = []
        var deletions: [VersionedObjectStore.Deletion] = []
        func refuse(_ key: ObjectKey, _ versionID: String?, _ error: any Error) {
            guard let known = APIError(storage: error) else { return }
            errors.append(
                JSONText.object([
                    ("key", JSONText.string(key.description)), ("version_id", versionID.map(JSONText.string) ?? "null"),
                    ("code", JSONText.string(known.code)), ("detail", JSONText.string(known.detail)),
                ]))
        }
        for (key, versionID) in named {
            do {
                deletions.append(try await core.deletion(key, versionID, DeleteConditions(), request, bucket))
            } catch let error as S3Error {
                refuse(key, versionID, error)
            }
        }
        let outcomes = deletions.isEmpty ? [] : try await core.store.delete(deletions, in: bucket.name)
        for (deletion, outcome) in zip(deletions, outcomes) {
            guard case .refused(let error) = outcome else { continue }
            refuse(deletion.key, deletion.versionID, error)
        }
        let deleted = named.count - errors.count
        return .unkept(
            JSONText.object([
                // Where nothing of it could be deleted, asking again would change nothing.
                ("deleted", "\(deleted)"), ("has_more", "\(hasMore && deleted > 0)"),
                ("errors", "[" + errors.joined(separator: ",") + "]"),
            ]))
    }

    private func below(_ prefix: String, _ allVersions: Bool, _ bucket: Bucket) async throws -> ([(ObjectKey, String?)], Bool) {
        var query = VersionedObjectStore.ListQuery()
        query.prefix = prefix
        query.limit = Self.deletionsAtOnce
        if allVersions {
            let page = try await core.store.listVersions(bucket.name, query)
            return (page.items.map { ($0.key, $0.versionID) }, page.next != nil)
        }
        let page = try await core.store.list(bucket.name, query)
        return (page.items.compactMap { item in ObjectKey(item.key).map { ($0, nil) } }, page.next != nil)
    }
}
