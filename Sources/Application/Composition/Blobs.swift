import Logging
import ObjectStorage
import WebAPI

/// Where the bytes of objects lie, by the settings.
struct Blobs: Sendable {
    let store: any BlobStore
    let healthChecks: [HealthCheck]
    let close: @Sendable () async -> Void
}

extension Server {
    /// - Throws: `SettingError` where the settings of an S3 endpoint are not complete, `ObjectStoreError` where it does not answer or holds
    ///   what is not this server's.
    /// - Parameter isExclusive: false only for who reads beside a server that runs.
    func openBlobs(_ folder: DataFolder, _ logger: Logger, isExclusive: Bool = true) async throws -> Blobs {
        guard settings[SettingsCatalogue.objectStore] == "s3" else {
            let local = try LocalBlobStore(
                folder: folder.objects, temporaryFolder: folder.temporary, configuration: .init(settings), isExclusive: isExclusive)
            return Blobs(store: local, healthChecks: [], close: {})
        }
        let store = try UpstreamBlobStore(
            UpstreamConfiguration(settings), folder: folder.objects, temporaryFolder: folder.temporary, logger: logger)
        try await store.connect()
        let check = HealthCheck("upstream") {
            try await store.ping()
            return "the S3 endpoint answers"
        }
        return Blobs(store: store, healthChecks: [check], close: { await store.close() })
    }
}

extension UpstreamConfiguration {
    init(_ settings: Settings) throws {
        for setting in [
            SettingsCatalogue.upstreamEndpoint, SettingsCatalogue.upstreamBucket, SettingsCatalogue.upstreamAccessKey,
            SettingsCatalogue.upstreamSecretKey,
        ] where settings[setting].isEmpty {
            throw SettingError.malformed(
                key: setting.key, source: "object-store s3", expected: "a value: an S3 endpoint is not reached without")
        }
        let bucket = settings[SettingsCatalogue.upstreamBucket]
        guard BucketName(bucket) != nil else {
            throw SettingError.malformed(key: SettingsCatalogue.upstreamBucket.key, source: "object-store s3", expected: "a bucket's name")
        }
        guard
            let endpoint = UpstreamEndpoint(
                settings[SettingsCatalogue.upstreamEndpoint], isPathStyle: settings[SettingsCatalogue.upstreamPathStyle])
        else {
            throw SettingError.malformed(
                key: SettingsCatalogue.upstreamEndpoint.key, source: "object-store s3", expected: SettingsCatalogue.upstreamEndpoint.form)
        }
        self.init(
            endpoint: endpoint, bucket: bucket, region: settings[SettingsCatalogue.upstreamRegion],
            accessKey: settings[SettingsCatalogue.upstreamAccessKey], secretKey: settings[SettingsCatalogue.upstreamSecretKey])
        caFile = settings[SettingsCatalogue.upstreamCAFile]
        prefix = settings[SettingsCatalogue.upstreamPrefix]
        // S3 takes no smaller parts.
        partSize = max(5 << 20, settings[SettingsCatalogue.upstreamPartSize])
        timeout = settings[SettingsCatalogue.upstreamTimeout]
        retries = settings[SettingsCatalogue.upstreamRetries]
        connections = settings[SettingsCatalogue.upstreamConnections]
    }
}
