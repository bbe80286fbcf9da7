import ObjectStorage
import S3Wire

/// `?notification` of a bucket.
extension ConfigurationRoutes {
    func notification(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        switch request.method {
        case .get:
            try rules.authorize(request, .getBucketNotification, bucket)
            if let document = try rules.documents.document(NotificationConfiguration.self, of: bucket) {
                return S3Response(body: .bytes(document.xml))
            }
            var writer = XMLWriter(root: NotificationConfiguration.rootName)
            return S3Response(body: .bytes(writer.finish()))
        case .put:
            try rules.authorize(request, .putBucketNotification, bucket)
            let document = try NotificationConfiguration.read(try await body(request))
            try document.checkTargets(webhooks)
            let text = document.isEmpty ? nil : document.text
            try await store.updateBucket(bucket.name) { $0.documents[NotificationConfiguration.documentName] = text }
            return S3Response()
        default: throw S3Error.methodNotAllowed
        }
    }
}
