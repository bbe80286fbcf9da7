import HTTPTypes
import ObjectStorage
import S3Wire
import WebAPI

/// What `x-amz-copy-source` names: `bucket/key?versionId=id`, percent-encoded, with or without a slash before it.
struct CopySource: Sendable, Hashable {
    let bucket: BucketName
    let key: ObjectKey
    let versionID: String?

    init(_ text: String) throws(S3Error) {
        let malformed = S3Error.invalidArgument.with(message: "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
        var path = Substring(text)
        var version: String?
        if let mark = text.range(of: "?versionId=", options: .backwards) {
            path = text[..<mark.lowerBound]
            version = String(text[mark.upperBound...])
        }
        guard let decoded = String(path).removingURLPercentEncoding() else { throw malformed }
        let trimmed = decoded.hasPrefix("/") ? Substring(decoded).dropFirst() : Substring(decoded)
        guard let slash = trimmed.utf8.firstIndex(of: UInt8(ascii: "/")) else { throw malformed }
        guard let bucket = BucketName(String(trimmed[..<slash])),
            let key = ObjectKey(String(trimmed[trimmed.utf8.index(after: slash)...]))
        else { throw malformed }
        self.bucket = bucket
        self.key = key
        versionID = version
    }
}

/// An object that is copied from, once it is known that the caller may read it.
struct CopyOrigin: Sendable {
    let bucket: Bucket
    let version: ObjectVersion
}

extension S3Core {
    /// - Throws: `NoSuchBucket`, `NoSuchKey`, `AccessDenied`, `PreconditionFailed` by `x-amz-copy-source-if-…`.
    func copyOrigin(_ request: S3Request) async throws -> CopyOrigin {
        guard let text = request.headers[.copySource] else {
            throw S3Error.invalidArgument.with(message: "x-amz-copy-source is missing.")
        }
        let source = try CopySource(text)
        guard let bucket = try await store.bucket(source.bucket) else {
            throw S3Error.noSuchBucket.with(field: "BucketName", source.bucket.description)
        }
        try rules.checkExpectedOwner(bucket, request.headers[.expectedSourceBucketOwner])
        let version = try await readableVersion(
            request.without(query: "versionId"), bucket, source.key, source.versionID == nil ? .getObject : .getObjectVersion,
            versionID: source.versionID)
        switch ETagConditions(copySource: request.headers).evaluate(etag: version.etag, modified: version.modified) {
        case .holds: break
        case .failed, .notModified: throw S3Error.preconditionFailed
        }
        return CopyOrigin(bucket: bucket, version: version)
    }

    /// The client's bytes of a version, decrypted where they are encrypted.
    func plainBytes(_ origin: CopyOrigin, _ range: Range<Int>, _ request: S3Request) async throws -> BodyStream {
        guard let reader = try await store.open(origin.version, in: origin.bucket.name) else { throw SourceGone() }
        guard let encryption = ObjectEncryption(origin.version.attributes) else { return reader.chunks(range) }
        let dataKey = try encryptionKeys.open(encryption, customer: try CustomerKey(request.headers, copySource: true))
        return DecryptedReader(reader, dataKey: dataKey).chunks(range)
    }
}
