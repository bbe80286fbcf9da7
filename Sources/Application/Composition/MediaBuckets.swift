import MediaService
import ObjectStorage
import S3Service

extension MediaBucketSettings {
    init(_ settings: Settings) {
        self.init()
        visibility = settings[SettingsCatalogue.mediaBucketVisibility] == "public" ? .public : .private
        objectBytes = settings[SettingsCatalogue.mediaBucketLimit]
        workers = settings[SettingsCatalogue.mediaBucketWorkers]
        // Two names of whoever runs the server: of the root keys, and of the API's token.
        owners = [RootKeyFile.user: Server.owner]
    }
}

extension S3Service {
    /// Reads objects for the media service, decrypted.
    var mediaBytes: MediaBuckets.Bytes {
        { version, bucket in
            switch try await plainBytes(of: version, in: bucket) {
            case .bytes(let bytes): .bytes(bytes)
            case .gone: .gone
            case .sealed: .sealed
            }
        }
    }
}
