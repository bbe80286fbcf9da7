import Foundation
import HTTPTypes
import NIOCore
import ObjectStorage
import S3Wire
import WebAPI

/// Operations on the service and on buckets as a whole.
extension S3Core {
    func listBuckets(_ request: S3Request) async throws -> S3Response {
        // Nobody's list is empty.
        let user = request.caller.user ?? AccessDecider.anonymousOwner
        if request.caller.user != nil { try rules.authorizeService(request, .listAllMyBuckets) }
        let limit = try request.query.count("max-buckets", default: 10_000, limit: 10_000)
        let prefix = request.query["prefix"] ?? ""
        let after = try request.query["continuation-token"].map(ContinuationToken.decode)
        // Root sees them all: it may do everything with every bucket.
        var buckets = try await store.buckets(
            owner: request.caller.isRoot ? nil : user, prefix: prefix, after: after, limit: limit + 1)
        let isTruncated = buckets.count > limit
        if isTruncated { buckets.removeLast(buckets.count - limit) }
        var xml = XMLWriter(root: "ListAllMyBucketsResult")
        xml.owner(user)
        xml.open("Buckets")
        for bucket in buckets {
            xml.open("Bucket")
            xml.element("Name", bucket.name.description)
            xml.element("CreationDate", Timestamp.text(milliseconds: bucket.created))
            xml.element("BucketRegion", region(of: bucket))
            xml.close("Bucket")
        }
        xml.close("Buckets")
        if isTruncated, let last = buckets.last { xml.element("ContinuationToken", ContinuationToken.encode(last.name.description)) }
        if !prefix.isEmpty { xml.element("Prefix", prefix) }
        return S3Response(body: .bytes(xml.finish()))
    }

    func createBucket(_ request: S3Request, _ text: String) async throws -> S3Response {
        guard let user = request.caller.user else { throw S3Error.accessDenied }
        let name = try BucketName.new(text)
        try rules.authorizeService(request, .createBucket)
        var bucket = Bucket(name: name, owner: user, created: request.milliseconds)
        let document = try await request.document()
        if document.readableBytes > 0 {
            let configuration = try XMLElement(s3: document, root: "CreateBucketConfiguration")
            if let location = configuration["LocationConstraint"]?.text, !location.isEmpty {
                guard location == settings.region || location == "EU" || location.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                    throw S3Error.invalidLocationConstraint
                }
                bucket.documents[BucketLocation.documentName] = location
            }
        }
        try await rules.configure(&bucket, request)
        let isPlain = request.headers[.acl] == nil && !request.headers.contains { $0.name.canonicalName.hasPrefix("x-amz-grant-") }
        do {
            guard
                try await store.buckets(owner: user, prefix: "", after: nil, limit: settings.bucketsPerUser).count < settings.bucketsPerUser
            else { throw S3Error.tooManyBuckets }
            try await store.createBucket(bucket)
        } catch let error as BucketExists {
            // In us-east-1 a bucket of one's own may be made again as long as nothing about it changes.
            guard error.owner == user, isPlain, let existing = try await store.bucket(name),
                existing.documents[AccessControlList.documentName] == bucket.documents[AccessControlList.documentName]
            else {
                throw S3Error.bucketAlreadyExists.with(field: "BucketName", text)
            }
        }
        return S3Response(headers: [.location: "/\(text)"])
    }

    func headBucket(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        try rules.authorize(request, .listBucket, bucket)
        return S3Response(headers: [.bucketRegion: region(of: bucket)])
    }

    func deleteBucket(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        try rules.authorize(request, .deleteBucket, bucket)
        // Uploads that were never completed do not keep a bucket, unlike versions and delete markers.
        var query = VersionedObjectStore.ListQuery()
        query.limit = 1
        guard try await store.listVersions(bucket.name, query).items.isEmpty else { throw S3Error.bucketNotEmpty }
        query.limit = settings.pageKeys
        while true {
            let uploads = try await store.listUploads(bucket.name, query)
            for upload in uploads.items {
                do { try await store.abort(upload) } catch is NoSuchUpload {}
            }
            if uploads.next == nil { break }
        }
        try await store.deleteBucket(bucket.name)
        return S3Response(.noContent)
    }

    func bucketLocation(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        try rules.authorize(request, .getBucketLocation, bucket)
        var xml = XMLWriter(root: "LocationConstraint")
        xml.write(bucket.documents[BucketLocation.documentName] ?? (settings.region == "us-east-1" ? "" : settings.region))
        return S3Response(body: .bytes(xml.finish()))
    }

    private func region(of bucket: Bucket) -> String {
        bucket.documents[BucketLocation.documentName].flatMap { $0.isEmpty ? nil : $0 } ?? settings.region
    }
}

/// Where a bucket says that it is.
enum BucketLocation {
    static let documentName = "location"
}

/// What pages of lists are continued by: a key or a name, opaque to clients.
enum ContinuationToken {
    static func encode(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }

    static func decode(_ token: String) throws(S3Error) -> String {
        guard let bytes = Base64URL.decode(token), let text = String(validating: bytes, as: UTF8.self) else {
            throw S3Error.invalidArgument.with(message: "The continuation token provided is incorrect.")
        }
        return text
    }
}

extension S3Query {
    /// A number that says how many of something a page may hold.
    ///
    /// - Throws: `InvalidArgument` where it is none, or negative.
    func count(_ name: String, default fallback: Int, limit: Int) throws(S3Error) -> Int {
        guard let text = self[name] else { return fallback }
        guard let number = Int(text), number >= 0, number <= Int(Int32.max) else {
            throw S3Error.invalidArgument.with(message: "Provided \(name) not an integer or within integer range.")
                .with(field: "ArgumentName", name).with(field: "ArgumentValue", text)
        }
        return min(number, limit)
    }
}

extension S3Request {
    /// When it came, milliseconds since 1970, UTC.
    var milliseconds: Int64 { Int64(received.timeIntervalSince1970 * 1000) }
}

extension XMLWriter {
    mutating func owner(_ user: String, _ name: String = "Owner") {
        open(name)
        element("ID", user)
        element("DisplayName", user)
        close(name)
    }
}

extension XMLElement {
    /// A request's document.
    ///
    /// - Throws: `MalformedXML` where it is none, or its root has another name.
    init(s3 bytes: ByteBuffer, root: String) throws(S3Error) {
        do { self = try XMLElement(parsing: bytes) } catch { throw S3Error.malformedXML }
        guard name == root else { throw S3Error.malformedXML }
    }
}

extension HTTPField.Name {
    static let acl = Self("x-amz-acl")!
}
