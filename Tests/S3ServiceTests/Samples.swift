import NIOCore
import ObjectStorage
import Persistence
import S3Service
import S3Wire
import TestSupport

/// What tests of rules are about: a bucket of Ana's, called `field`.
enum Sample {
    static func bucket(_ documents: [String: String] = [:], versioning: Versioning = .off) -> Bucket {
        Bucket(name: BucketName("field")!, owner: "ana", created: 0, versioning: versioning, documents: documents)
    }

    static func version(
        _ key: String = "a.jpg", id: String = ObjectVersion.nullID, owner: String = "ana", acl: String? = nil, tags: [ObjectTag] = [],
        isLatest: Bool = true, isMarker: Bool = false, size: Int = 10, modified: Int64 = 0
    ) -> ObjectVersion {
        var attributes = ObjectAttributes(owner: owner)
        attributes.acl = acl
        attributes.tags = tags
        return ObjectVersion(
            key: ObjectKey(key)!, versionID: id, isLatest: isLatest, isDeleteMarker: isMarker, size: size, etag: "e", modified: modified,
            contentType: "image/jpeg", segments: [], attributes: attributes)
    }

    /// A database of its own.
    static func database(_ dialect: SQLDialect, _ folder: TemporaryFolder) async throws -> any Database {
        switch dialect {
        case .sqlite: try SQLiteDatabase(.init(path: folder.path + "/index.sqlite"))
        case .postgresql: PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
        }
    }

    /// Nothing is remembered where other processes may write to the same database.
    static func storeConfiguration(_ dialect: SQLDialect) -> VersionedObjectStore.Configuration {
        var configuration = VersionedObjectStore.Configuration()
        if dialect == .postgresql { configuration.cachedObjects = 0 }
        return configuration
    }

    static func xml(_ text: String) throws -> XMLElement { try XMLElement(parsing: ByteBuffer(string: text)) }

    /// A policy of the bucket with one statement, and others behind it.
    static func policy(_ statements: String...) -> String {
        "{\"Version\":\"2012-10-17\",\"Statement\":[\(statements.joined(separator: ","))]}"
    }
}
