import Hummingbird
import ObjectStorage
import WebAPI

/// `/api/storage/`: what is stored in all, and where S3 clients find it.
extension StorageConsole {
    var usageRoutes: [Route] {
        [
            route(
                .get, "", "Storage: totals, and the address of the S3 endpoint", endpoint(answers: [.ok(StorageSchemas.usage)])
            ) { call in try await usage(call) }
        ]
    }

    private func usage(_ call: Call) async throws -> Response {
        let buckets = try await allBuckets()
        var (versions, bytes) = (0, 0)
        for bucket in buckets {
            let usage = try await core.store.usage(bucket.name)
            versions += usage.versions
            bytes += usage.bytes
        }
        let base = address.base(host: call.request.head.authority ?? "")
        return .unkept(
            JSONText.object([
                ("buckets", "\(buckets.count)"), ("versions", "\(versions)"), ("bytes", "\(bytes)"),
                ("keys", "\(try await keys.all().count)"), ("endpoint", JSONText.string("\(base.scheme)://\(base.authority)")),
                ("region", JSONText.string(core.settings.region)), ("part_bytes", "\(core.settings.partBytes)"),
                ("put_bytes", "\(core.settings.putBytes)"),
            ]))
    }

    /// Buckets that a list of all is made of at most.
    private static let bucketLimit = 100_000

    func allBuckets() async throws -> [Bucket] {
        try await core.store.buckets(owner: nil, prefix: "", after: nil, limit: Self.bucketLimit)
    }
}
