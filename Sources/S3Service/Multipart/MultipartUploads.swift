import Crypto
import Foundation
import HTTPTypes
import NIOCore
import ObjectStorage
import S3Wire
import WebAPI

/// Objects that come in parts.
extension S3Core {
    func createUpload(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        var attributes = try await newAttributes(request, bucket, key)
        let keys = try encryptionWish(request, bucket).map { try encryptionKeys.make($0) }
        attributes.encryption = keys?.encryption.text
        attributes.checksum = try MultipartChecksum.wish(request.headers)
        let upload = try await store.createUpload(
            key, in: bucket.name, contentType: ObjectHeaders.contentType(request.headers), attributes: attributes)
        var xml = XMLWriter(root: "InitiateMultipartUploadResult")
        xml.element("Bucket", bucket.name.description)
        xml.element("Key", key.description)
        xml.element("UploadId", upload.id)
        var headers = keys?.encryption.headers ?? [:]
        if let checksum = attributes.checksum {
            headers[.checksumAlgorithm] = checksum.algorithm
            headers[.checksumType] = checksum.type
        }
        return S3Response(headers: headers, body: .bytes(xml.finish()))
    }

    /// - Throws: `NoSuchUpload`.
    private func upload(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> VersionedObjectStore.Upload {
        guard let id = request.query["uploadId"], let upload = try await store.upload(id, key, in: bucket.name) else {
            throw S3Error.noSuchUpload
        }
        return upload
    }

    private static func partNumber(_ request: S3Request) throws(S3Error) -> Int {
        guard let number = request.query["partNumber"].flatMap({ Int($0) }), (1...10_000).contains(number) else {
            throw S3Error.invalidArgument.with(message: "Part number must be an integer between 1 and 10000, inclusive")
                .with(field: "ArgumentName", "partNumber")
        }
        return number
    }

    /// The key that parts of an upload are encrypted with; nil where they are not.
    private func dataKey(_ upload: VersionedObjectStore.Upload, _ request: S3Request) throws -> SymmetricKey? {
        let customer = try CustomerKey(request.headers)
        guard let encryption = ObjectEncryption(upload.attributes) else {
            guard customer == nil else {
                throw S3Error.invalidRequest.with(message: "The multipart upload initiate requested no encryption.")
            }
            return nil
        }
        if encryption.kind == .customer, customer?.md5 != encryption.customerKeyMD5 {
            throw S3Error.invalidRequest.with(
                message: "The multipart upload initiate requested encryption with a customer provided key. "
                    + "Subsequent part requests must include the same key.")
        }
        return try encryptionKeys.open(encryption, customer: customer)
    }

    func uploadPart(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        let number = try Self.partNumber(request)
        try rules.authorize(request, .putObject, bucket, key: key)
        let upload = try await upload(request, bucket, key)
        let dataKey = try dataKey(upload, request)
        let algorithm = upload.attributes.checksum.flatMap { ChecksumAlgorithm(rawValue: $0.algorithm) }
        let intake = try await receive(request, dataKey: dataKey, checksum: algorithm ?? .crc64nvme)
        if let algorithm, let checksum = intake.checksum, checksum.algorithm != algorithm.rawValue {
            await intake.discard()
            throw S3Error.invalidRequest.with(
                message: "Checksum Type mismatch occurred, expected checksum Type: \(algorithm.rawValue.lowercased()), "
                    + "actual checksum Type: \(checksum.algorithm.lowercased())")
        }
        let part = ObjectPart(
            number: number, size: intake.size, etag: intake.md5, checksum: intake.checksum, modified: request.milliseconds)
        try await put(part, intake, upload, bucket)
        var headers: HTTPFields = [.eTag: "\"\(part.etag)\""]
        headers.append(contentsOf: ObjectHeaders.checksumFields(part.checksum))
        headers[.checksumType] = nil
        if let encryption = ObjectEncryption(upload.attributes) { headers.append(contentsOf: encryption.headers) }
        return S3Response(headers: headers)
    }

    private func put(_ part: ObjectPart, _ intake: Intake, _ upload: VersionedObjectStore.Upload, _ bucket: Bucket) async throws {
        do {
            try await rules.checkQuota(bucket, adding: intake.size)
            try await store.putPart(intake.content, part, of: upload)
        } catch {
            await intake.discard()
            throw error
        }
    }

    func uploadPartCopy(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        let number = try Self.partNumber(request)
        try rules.authorize(request, .putObject, bucket, key: key)
        let upload = try await upload(request, bucket, key)
        let origin = try await copyOrigin(request)
        let range = try Self.copyRange(request.headers[.copySourceRange], size: origin.version.clientSize)
        guard range.count <= settings.putBytes else { throw S3Error.entityTooLarge }
        let algorithm = upload.attributes.checksum.flatMap { ChecksumAlgorithm(rawValue: $0.algorithm) }
        let intake = try await copyBytes(
            try await plainBytes(origin, range, request), size: range.count, dataKey: try dataKey(upload, request),
            checksum: algorithm ?? .crc64nvme)
        let part = ObjectPart(
            number: number, size: intake.size, etag: intake.md5, checksum: intake.checksum, modified: request.milliseconds)
        try await put(part, intake, upload, bucket)
        var xml = XMLWriter(root: "CopyPartResult")
        xml.element("LastModified", Timestamp.text(milliseconds: part.modified))
        xml.element("ETag", "\"\(part.etag)\"")
        if let checksum = part.checksum { xml.element("Checksum" + checksum.algorithm, checksum.value) }
        var headers = ObjectEncryption(upload.attributes)?.headers ?? [:]
        if origin.bucket.versioning != .off { headers[.copySourceVersionID] = origin.version.versionID }
        return S3Response(headers: headers, body: .bytes(xml.finish()))
    }

    /// `bytes=first-last`, both of them, within the source.
    private static func copyRange(_ text: String?, size: Int) throws(S3Error) -> Range<Int> {
        guard let text else { return 0..<size }
        let malformed = S3Error.invalidArgument.with(
            message: "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
                + "zero-based offsets of the first and last bytes to copy"
        )
        .with(field: "ArgumentName", "x-amz-copy-source-range").with(field: "ArgumentValue", text)
        guard text.hasPrefix("bytes=") else { throw malformed }
        let bounds = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = Int(bounds[0]), let last = Int(bounds[1]), first >= 0, first <= last, last < Int.max else {
            throw malformed
        }
        guard last < size else { throw S3Error.invalidRange }
        return first..<last + 1
    }

    func completeUpload(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        try rules.authorize(request, .putObject, bucket, key: key)
        let known = try await store.upload(request.query["uploadId"] ?? "", key, in: bucket.name)
        let document = try XMLElement(s3: try await request.document(limit: 8 << 20, isSubject: true), root: "CompleteMultipartUpload")
        let named = try document.all("Part").map(CompletedPart.init)
        guard let upload = known else { return try await completedBefore(request, bucket, key, named) }
        // Whoever completes an upload that a client's key encrypts has that key; it is asked for only where checksums were.
        if try upload.attributes.checksum != nil || CustomerKey(request.headers) != nil { _ = try dataKey(upload, request) }
        guard !named.isEmpty, named.count <= 10_000 else { throw S3Error.malformedXML }
        guard zip(named, named.dropFirst()).allSatisfy({ $0.number < $1.number }) else { throw S3Error.invalidPartOrder }
        let (headers, partBytes) = (request.headers, settings.partBytes)
        let conditions = ETagConditions(headers).writeGuard
        let version: ObjectVersion
        do {
            version = try await store.complete(
                // Each part fitted, which says nothing of all together.
                upload, parts: named.map(\.number), by: request.origin(.completion).requester, limit: try rules.limit(bucket),
                finish: { parts in
                    try CompletedPart.check(named, against: parts, smallest: partBytes)
                    try CompletedPart.checkSize(of: parts, headers)
                    var attributes = upload.attributes
                    attributes.checksum = try MultipartChecksum.whole(of: parts, wish: upload.attributes.checksum, headers)
                    attributes.parts = parts
                    if attributes.encryption != nil { attributes.clientSize = parts.reduce(0) { $0 + $1.size } }
                    return (CompletedPart.etag(of: parts), attributes)
                },
                guard: conditions)
        } catch let error as NoSuchPart {
            throw S3Error.invalidPart.with(field: "PartNumber", String(error.number))
        } catch is NoSuchUpload {
            return try await completedBefore(request, bucket, key, named)
        }
        return completion(of: version, request, bucket)
    }

    /// The answer to who completes an upload once more, with the same parts, as clients do that did not get the first answer.
    ///
    /// - Throws: `NoSuchUpload` where the object is not what that upload became.
    private func completedBefore(
        _ request: S3Request, _ bucket: Bucket, _ key: ObjectKey, _ named: [CompletedPart]
    ) async throws -> S3Response {
        guard let id = request.query["uploadId"], let version = try await store.completed(id, key, in: bucket.name),
            let parts = version.attributes.parts, parts.map(\.number) == named.map(\.number), parts.map(\.etag) == named.map(\.etag)
        else { throw S3Error.noSuchUpload }
        return completion(of: version, request, bucket)
    }

    private func completion(of version: ObjectVersion, _ request: S3Request, _ bucket: Bucket) -> S3Response {
        let key = version.key
        var xml = XMLWriter(root: "CompleteMultipartUploadResult")
        xml.element("Location", request.location(bucket.name, key.description))
        xml.element("Bucket", bucket.name.description)
        xml.element("Key", key.description)
        xml.element("ETag", "\"\(version.etag)\"")
        if let checksum = version.attributes.checksum {
            xml.element("Checksum" + checksum.algorithm, checksum.value)
            xml.element("ChecksumType", checksum.type)
        }
        var fields = ObjectEncryption(version.attributes)?.headers ?? [:]
        if bucket.versioning == .enabled { fields[.versionID] = version.versionID }
        fields[.expiration] = rules.expiration(of: version, in: bucket)
        return S3Response(headers: fields, body: .bytes(xml.finish()))
    }

    func abortUpload(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        try rules.authorize(request, .abortMultipartUpload, bucket, key: key)
        try await store.abort(try await upload(request, bucket, key))
        return S3Response(.noContent)
    }

    func listParts(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        try rules.authorize(request, .listMultipartUploadParts, bucket, key: key)
        let upload = try await upload(request, bucket, key)
        let limit = try request.query.count("max-parts", default: 1000, limit: 1000)
        let marker = try request.query.count("part-number-marker", default: 0, limit: Int(Int32.max))
        var parts = try await store.parts(of: upload, after: marker, limit: limit + 1)
        let isTruncated = parts.count > limit
        if isTruncated { parts.removeLast(parts.count - limit) }
        var xml = XMLWriter(root: "ListPartsResult")
        xml.element("Bucket", bucket.name.description)
        xml.element("Key", key.description)
        xml.element("UploadId", upload.id)
        xml.owner(upload.attributes.owner, "Initiator")
        xml.owner(upload.attributes.owner)
        xml.element("StorageClass", upload.attributes.storageClass ?? "STANDARD")
        xml.element("PartNumberMarker", marker)
        if let last = parts.last { xml.element("NextPartNumberMarker", last.number) }
        xml.element("MaxParts", limit)
        xml.element("IsTruncated", isTruncated ? "true" : "false")
        if let checksum = upload.attributes.checksum {
            xml.element("ChecksumAlgorithm", checksum.algorithm)
            xml.element("ChecksumType", checksum.type)
        }
        for part in parts {
            xml.open("Part")
            xml.element("PartNumber", part.number)
            xml.element("LastModified", Timestamp.text(milliseconds: part.modified))
            xml.element("ETag", "\"\(part.etag)\"")
            xml.element("Size", part.size)
            if let checksum = part.checksum { xml.element("Checksum" + checksum.algorithm, checksum.value) }
            xml.close("Part")
        }
        return S3Response(body: .bytes(xml.finish()))
    }

    func listUploads(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        try rules.authorize(request, .listBucketMultipartUploads, bucket)
        let encodes = request.query["encoding-type"] == "url"
        let text = { (key: String) in encodes ? key.s3URLEncoded : key }
        var query = VersionedObjectStore.ListQuery()
        query.prefix = request.query["prefix"] ?? ""
        query.delimiter = request.query["delimiter"].flatMap { $0.isEmpty ? nil : $0 }
        query.limit = try request.query.count("max-uploads", default: 1000, limit: settings.pageKeys)
        let (keyMarker, idMarker) = (request.query["key-marker"] ?? "", request.query["upload-id-marker"] ?? "")
        query.after = keyMarker.isEmpty ? nil : keyMarker
        // Without a key marker the other means nothing.
        query.afterID = keyMarker.isEmpty || idMarker.isEmpty ? nil : idMarker
        let page = query.limit > 0 ? try await store.listUploads(bucket.name, query) : .init()
        var xml = XMLWriter(root: "ListMultipartUploadsResult")
        xml.element("Bucket", bucket.name.description)
        xml.element("KeyMarker", text(keyMarker))
        xml.element("UploadIdMarker", idMarker)
        xml.element("NextKeyMarker", text(page.next ?? ""))
        xml.element("NextUploadIdMarker", page.nextID ?? "")
        xml.element("Prefix", text(query.prefix))
        if let delimiter = query.delimiter { xml.element("Delimiter", text(delimiter)) }
        if encodes { xml.element("EncodingType", "url") }
        xml.element("MaxUploads", query.limit)
        xml.element("IsTruncated", page.next == nil ? "false" : "true")
        for upload in page.items {
            xml.open("Upload")
            xml.element("Key", text(upload.key.description))
            xml.element("UploadId", upload.id)
            xml.owner(upload.attributes.owner, "Initiator")
            xml.owner(upload.attributes.owner)
            xml.element("StorageClass", upload.attributes.storageClass ?? "STANDARD")
            xml.element("Initiated", Timestamp.text(milliseconds: upload.created))
            if let checksum = upload.attributes.checksum {
                xml.element("ChecksumAlgorithm", checksum.algorithm)
                xml.element("ChecksumType", checksum.type)
            }
            xml.close("Upload")
        }
        for prefix in page.commonPrefixes {
            xml.open("CommonPrefixes")
            xml.element("Prefix", text(prefix))
            xml.close("CommonPrefixes")
        }
        return S3Response(body: .bytes(xml.finish()))
    }
}
