import HTTPTypes
import ObjectStorage
import S3Wire

/// Configurations of S3 that mean nothing on a server of one's own: what asks for the state that there always is gets it, what would
/// change it is refused instead of kept without effect.
extension ConfigurationRoutes {
    /// - Returns: nil where the name is none of these.
    func unsupported(_ name: String, _ request: S3Request, _ bucket: Bucket) async throws -> S3Response? {
        switch name {
        case "requestPayment":
            try await fixed(
                request, bucket, get: .getBucketRequestPayment, put: .putBucketRequestPayment, root: "RequestPaymentConfiguration",
                children: [XMLElement("Payer", text: "BucketOwner")]
            ) { $0.value("Payer") == "BucketOwner" }
        case "accelerate":
            try await fixed(
                request, bucket, get: .getAccelerateConfiguration, put: .putAccelerateConfiguration, root: "AccelerateConfiguration",
                children: []
            ) { $0.value("Status") == "Suspended" }
        case "logging":
            try await fixed(
                request, bucket, get: .getBucketLogging, put: .putBucketLogging, root: "BucketLoggingStatus", children: []
            ) {
                $0.children.isEmpty
            }
        case "website":
            try absent(
                request, bucket, get: .getBucketWebsite, put: .putBucketWebsite, delete: .deleteBucketWebsite,
                missing: .noSuchWebsiteConfiguration)
        case "replication":
            try absent(
                request, bucket, get: .getReplicationConfiguration, put: .putReplicationConfiguration, delete: .putReplicationConfiguration,
                missing: .replicationConfigurationNotFound)
        case "inventory":
            try listed(
                request, bucket, get: .getInventoryConfiguration, put: .putInventoryConfiguration, root: "ListInventoryConfigurationsResult"
            )
        case "analytics":
            try listed(
                request, bucket, get: .getAnalyticsConfiguration, put: .putAnalyticsConfiguration,
                root: "ListBucketAnalyticsConfigurationsResult")
        case "metrics":
            try listed(
                request, bucket, get: .getMetricsConfiguration, put: .putMetricsConfiguration, root: "ListMetricsConfigurationsResult")
        case "intelligent-tiering":
            try listed(
                request, bucket, get: .getIntelligentTieringConfiguration, put: .putIntelligentTieringConfiguration,
                root: "ListBucketIntelligentTieringConfigurationsOutput")
        case "metadataTable", "metadataConfiguration", "abac": throw S3Error.notImplemented
        default: nil
        }
    }

    /// One state, which may be asked for and set again.
    private func fixed(
        _ request: S3Request, _ bucket: Bucket, get: S3Action, put: S3Action, root: String, children: [XMLElement],
        isSame: (XMLElement) -> Bool
    ) async throws -> S3Response {
        switch request.method {
        case .get:
            try rules.authorize(request, get, bucket)
            var writer = XMLWriter(root: root)
            for child in children { writer.append(child) }
            return S3Response(body: .bytes(writer.finish()))
        case .put:
            try rules.authorize(request, put, bucket)
            let document = try XMLElement.reading(try await requiredBody(request))
            guard document.name == root else { throw S3Error.malformedXML }
            guard isSame(document) else { throw Self.refused(root) }
            return S3Response()
        default: throw S3Error.methodNotAllowed
        }
    }

    /// A configuration that there is never one of.
    private func absent(
        _ request: S3Request, _ bucket: Bucket, get: S3Action, put: S3Action, delete: S3Action, missing: S3Error
    ) throws -> S3Response {
        switch request.method {
        case .get:
            try rules.authorize(request, get, bucket)
            throw missing
        case .put:
            try rules.authorize(request, put, bucket)
            throw Self.refused(put.rawValue)
        default:
            try rules.authorize(request, delete, bucket)
            return S3Response(.noContent)
        }
    }

    /// Configurations with ids, of which there are none.
    private func listed(_ request: S3Request, _ bucket: Bucket, get: S3Action, put: S3Action, root: String) throws -> S3Response {
        let missing = S3Error("NoSuchConfiguration", .notFound, "The specified configuration does not exist.")
        switch request.method {
        case .get:
            try rules.authorize(request, get, bucket)
            guard request.query["id"] == nil else { throw missing }
            var writer = XMLWriter(root: root)
            writer.element("IsTruncated", "false")
            return S3Response(body: .bytes(writer.finish()))
        case .put:
            try rules.authorize(request, put, bucket)
            throw Self.refused(put.rawValue)
        default:
            try rules.authorize(request, put, bucket)
            throw missing
        }
    }

    private static func refused(_ what: String) -> S3Error { .notImplemented.with(message: "This server does not do this: \(what).") }
}
