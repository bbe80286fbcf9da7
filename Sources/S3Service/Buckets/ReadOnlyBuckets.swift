import ObjectStorage
import S3Wire

extension S3Core {
    /// What may be changed of a bucket whose objects another service keeps: who reads it, and from where.
    private static let openDocuments: Set<String> = ["policy", "cors", "publicAccessBlock"]

    /// Refuses what would change a bucket that S3 only reads.
    ///
    /// - Throws: `AccessDenied`, to root as well.
    func refuseChange(_ request: S3Request, _ bucket: Bucket) throws(S3Error) {
        guard let reason = settings.readOnlyBuckets[bucket.name.description], request.method != .get, request.method != .head else {
            return
        }
        let documents = request.query.items.filter { !$0.name.hasPrefix("X-Amz-") && $0.name != "x-id" }
        if request.key == nil, request.method == .put || request.method == .delete, let document = documents.first, documents.count == 1,
            Self.openDocuments.contains(document.name)
        {
            return
        }
        throw .accessDenied.with(message: reason)
    }
}
