import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ObjectStorage
import S3Wire
import WebAPI

/// `/api/storage/buckets/{bucket}/objects/` and what belongs to it. Keys stand in the query and not in the path: proxies and routers
/// tidy paths (`//`, `..`), and a key may hold any of that.
extension StorageConsole {
    var objectRoutes: [Route] {
        [
            route(.get, "buckets/{bucket}/objects/", "List objects and folders; prefix, delimiter, after, page_size") { call in
                try await listObjects(call)
            },
            route(.get, "buckets/{bucket}/versions/", "List versions and delete markers; of one key with key=") { call in
                try await call.optional("key") == nil ? listVersions(call) : versions(of: call)
            },
            route(.post, "buckets/{bucket}/objects/delete/", "Delete up to 1,000 objects, named or by prefix") { call in
                try await deleteMany(call)
            },
            route(.get, "buckets/{bucket}/object/", "An object's metadata and tags; key, version_id") { call in
                let bucket = try await bucket(call)
                return .json(ObjectJSON.detail(try await version(call, bucket)))
            },
            route(.patch, "buckets/{bucket}/object/", "Change an object's type, metadata or tags") { call in try await patchObject(call) },
            route(.post, "buckets/{bucket}/object/copy/", "Copy a version of an object to a key of the same bucket") { call in
                try await copy(call)
            },
            route(.delete, "buckets/{bucket}/object/", "Delete an object, or one version of it for good") { call in
                let query = call.optional("version_id").map { [("versionId", $0)] } ?? []
                let bucket = try await bucket(call)
                try await perform(
                    .delete, bucket.name.description, key: try call.required("key"), query: query,
                    headers: try Self.bypass(call.flag("bypass_governance")), call)
                return .noContent
            },
        ]
    }

    private static func bypass(_ isWanted: Bool) -> HTTPFields {
        isWanted ? [HTTPField.Name("x-amz-bypass-governance-retention")!: "true"] : [:]
    }

    // MARK: Lists

    private func listObjects(_ call: ConsoleCall) async throws -> Response {
        let bucket = try await bucket(call)
        let page = try await core.store.list(bucket.name, query(call))
        let next = page.next.map { JSONText.string(call.link(setting: [("after", $0)])) }
        return Self.list(page.items.map(ObjectJSON.text), folders: page.commonPrefixes, next: next)
    }

    private func listVersions(_ call: ConsoleCall) async throws -> Response {
        let bucket = try await bucket(call)
        var query = query(call)
        query.afterID = query.after == nil ? nil : call.optional("after_version")
        let page = try await core.store.listVersions(bucket.name, query)
        let next = page.next.map { JSONText.string(call.link(setting: [("after", $0), ("after_version", page.nextID ?? "")])) }
        return Self.list(page.items.map(ObjectJSON.text), folders: page.commonPrefixes, next: next)
    }

    /// Those of one key, newest first.
    private func versions(of call: ConsoleCall) async throws -> Response {
        let bucket = try await bucket(call)
        guard let key = ObjectKey(try call.required("key")) else { throw APIError.invalid("key", "A key has 1 to 1,024 bytes.") }
        var query = VersionedObjectStore.ListQuery()
        // The key itself is the first of those that begin with it.
        query.prefix = key.description
        query.limit = call.pageSize(limit: core.settings.pageKeys)
        query.after = call.optional("after_version") == nil ? nil : key.description
        query.afterID = call.optional("after_version")
        let page = try await core.store.listVersions(bucket.name, query)
        let own = page.items.filter { $0.key == key }
        let hasMore = page.next == key.description && own.count == page.items.count
        let next = hasMore ? page.nextID.map { JSONText.string(call.link(setting: [("after_version", $0)])) } : nil
        return Self.list(own.map(ObjectJSON.text), folders: [], next: next)
    }

    private func query(_ call: ConsoleCall) -> VersionedObjectStore.ListQuery {
        var query = VersionedObjectStore.ListQuery()
        query.prefix = call.query["prefix"] ?? ""
        query.delimiter = call.optional("delimiter")
        query.after = call.optional("after")
        query.limit = call.pageSize(limit: core.settings.pageKeys)
        return query
    }

    /// A page that is continued by where it ends: there is no count of what was never looked at.
    private static func list(_ results: [String], folders: [String], next: String?) -> Response {
        .json(
            JSONText.object([
                ("next", next ?? "null"), ("folders", "[" + folders.map(JSONText.string).joined(separator: ",") + "]"),
                ("results", "[" + results.joined(separator: ",") + "]"),
            ]))
    }

    /// The version that a call names, or the latest.
    func version(_ call: ConsoleCall, _ bucket: Bucket) async throws -> ObjectVersion {
        guard let key = ObjectKey(try call.required("key")) else { throw APIError.invalid("key", "A key has 1 to 1,024 bytes.") }
        guard let version = try await core.find(key, call.optional("version_id"), bucket) else { throw S3Error.noSuchKey }
        return version
    }

    // MARK: Changes

    private func patchObject(_ call: ConsoleCall) async throws -> Response {
        let bucket = try await bucket(call)
        let name = bucket.name.description
        let version = try await version(call, bucket)
        guard !version.isDeleteMarker else { throw S3Error.noSuchKey }
        var body = try await call.body()
        let contentType = body.text("content_type")
        let cacheControl = body.text("cache_control")
        let metadata = body.texts("metadata")
        let tags = body.texts("tags")
        for (name, value) in [("content_type", contentType), ("cache_control", cacheControl)] where value.map(Self.isHeader) == false {
            body.refuse(name, "A header cannot carry this.")
        }
        for (name, value) in metadata ?? [:] where HTTPField.Name("x-amz-meta-" + name) == nil || !Self.isHeader(value) {
            body.refuse("metadata", "A header cannot carry this: \(name).")
        }
        try body.check()
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
            let query = isSame ? call.optional("version_id").map { [("versionId", $0)] } ?? [] : []
            try await asField("tags") {
                try await perform(.put, name, key: version.key.description, query: [("tagging", "")] + query, document: set.xml, call)
            }
        }
        guard let changed = try await core.store.find(version.key, version: nil, in: bucket.name) else { throw S3Error.noSuchKey }
        return .json(ObjectJSON.detail(changed))
    }

    /// `{"key", "version_id", "to_key"}`; to the same key it brings an old version back.
    private func copy(_ call: ConsoleCall) async throws -> Response {
        let bucket = try await bucket(call)
        let name = bucket.name.description
        var body = try await call.body()
        let key = body.requiredText("key")
        let target = body.requiredText("to_key")
        let versionID = body.text("version_id")
        if !target.isEmpty, ObjectKey(target) == nil { body.refuse("to_key", "A key has 1 to 1,024 bytes.") }
        try body.check()
        var headers: HTTPFields = [:]
        headers[.copySource] = S3Signer.encode(path: "\(name)/\(key)") + (versionID.map { "?versionId=\($0)" } ?? "")
        try await asField("key") { try await perform(.put, name, key: target, headers: headers, call) }
        guard let copied = ObjectKey(target), let version = try await core.store.find(copied, version: nil, in: bucket.name) else {
            throw S3Error.noSuchKey
        }
        return .json(ObjectJSON.detail(version), .created)
    }

    private static func isHeader(_ value: String) -> Bool { !value.utf8.contains { $0 < 0x20 || $0 == 0x7F } }

    // MARK: Many at once

    private static let deletionsAtOnce = 1000

    /// `{"objects": [{"key", "version_id"}]}`, or `{"prefix", "versions"}`: then as many as are deleted at once, and whether there are more.
    private func deleteMany(_ call: ConsoleCall) async throws -> Response {
        let bucket = try await bucket(call)
        var body = try await call.body()
        let prefix = body.text("prefix")
        let allVersions = body.flag("versions") ?? false
        let bypasses = body.flag("bypass_governance") ?? false
        var named = Self.named(&body)
        if prefix == nil, named.isEmpty { body.refuse("objects", "Name objects, or a prefix.") }
        if named.count > Self.deletionsAtOnce { body.refuse("objects", "Ensure this list has no more than \(Self.deletionsAtOnce) items.") }
        try body.check()
        var hasMore = false
        if let prefix { (named, hasMore) = try await below(prefix, allVersions, bucket) }
        let request = call.asRoot(
            .post, bucket.name.description, key: nil, query: [], headers: Self.bypass(bypasses), body: nil)
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
        return .json(
            JSONText.object([
                // Where nothing of it could be deleted, asking again would change nothing.
                ("deleted", "\(deleted)"), ("has_more", "\(hasMore && deleted > 0)"),
                ("errors", "[" + errors.joined(separator: ",") + "]"),
            ]))
    }

    private static func named(_ body: inout ConsoleBody) -> [(ObjectKey, String?)] {
        guard let value = body.members["objects"], value != .null else { return [] }
        guard case .list(let entries) = value else {
            body.refuse("objects", "Expected a list of objects.")
            return []
        }
        var named: [(ObjectKey, String?)] = []
        for entry in entries {
            guard case .object(let members) = entry, case .text(let text)? = members["key"], let key = ObjectKey(text) else {
                body.refuse("objects", "Each needs a key of 1 to 1,024 bytes.")
                break
            }
            if case .text(let versionID)? = members["version_id"] { named.append((key, versionID)) } else { named.append((key, nil)) }
        }
        return named
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
