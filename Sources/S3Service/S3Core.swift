import Foundation
import HTTPTypes
import Logging
import NIOCore
import ObjectStorage
import S3Wire

/// Bytes as they come.
typealias BodyStream = AsyncThrowingStream<ByteBuffer, any Error>

/// What every operation works with. Operations are extensions of it, a file for each kind.
struct S3Core: Sendable {
    let store: VersionedObjectStore
    let authentication: S3Authentication
    let encryptionKeys: EncryptionKeys
    /// Who may do what, by policies, ACLs and the bucket's configuration.
    let rules: BucketRules
    /// The configuration of buckets and objects (`?policy`, `?acl`, …).
    let configuration: ConfigurationRoutes
    let settings: S3Settings
    let logger: Logger
}
