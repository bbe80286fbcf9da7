import HTTPTypes
import ObjectStorage
import S3Wire

/// Which operation a request is, by its method, what it addresses and what its query names.
extension S3Core {
    /// - Returns: the operation's name, for log and metrics, and its answer.
    func route(_ request: S3Request, _ note: (String) -> Void) async throws -> S3Response {
        guard let name = request.bucket else {
            guard request.method == .get || request.method == .head else { throw S3Error.methodNotAllowed }
            note("ListBuckets")
            return try await listBuckets(request)
        }
        if request.key == nil, request.method == .put, request.query.isPlain {
            note("CreateBucket")
            return try await createBucket(request, name)
        }
        guard let bucketName = BucketName(name) else {
            guard request.caller.user != nil || request.method == .get || request.method == .head else { throw S3Error.accessDenied }
            throw S3Error.invalidBucketName.with(field: "BucketName", name)
        }
        guard let bucket = try await store.bucket(bucketName) else {
            note("NoSuchBucket")
            throw S3Error.noSuchBucket.with(field: "BucketName", name)
        }
        try rules.checkExpectedOwner(bucket, request.headers[.expectedBucketOwner])
        try refuseChange(request, bucket)
        guard let text = request.key else { return try await routeBucket(request, bucket, note) }
        guard let key = ObjectKey(text) else {
            throw text.utf8.count > 1024 ? S3Error.keyTooLong : S3Error.invalidArgument.with(message: "A key cannot hold U+0000.")
        }
        return try await routeObject(request, bucket, key, note)
    }

    private func routeBucket(_ request: S3Request, _ bucket: Bucket, _ note: (String) -> Void) async throws -> S3Response {
        let query = request.query
        if let response = try await configuration.answer(request, bucket) {
            note("BucketConfiguration")
            return response
        }
        switch request.method {
        case .get:
            if query.contains("location") {
                note("GetBucketLocation")
                return try await bucketLocation(request, bucket)
            }
            if query.contains("uploads") {
                note("ListMultipartUploads")
                return try await listUploads(request, bucket)
            }
            if query.contains("versions") {
                note("ListObjectVersions")
                return try await listVersions(request, bucket)
            }
            try refuseOther(request, Self.otherBucketReads)
            note(listOperation(request))
            return try await listObjects(request, bucket)
        case .head:
            note("HeadBucket")
            return try await headBucket(request, bucket)
        case .delete:
            guard query.isPlain else { throw S3Error.notImplemented }
            note("DeleteBucket")
            return try await deleteBucket(request, bucket)
        case .post:
            if query.contains("delete") {
                note("DeleteObjects")
                return try await deleteObjects(request, bucket)
            }
            note("PostObject")
            return try await postObject(request, bucket)
        case .put: throw S3Error.notImplemented
        default: throw S3Error.methodNotAllowed
        }
    }

    private func routeObject(
        _ request: S3Request, _ bucket: Bucket, _ key: ObjectKey, _ note: (String) -> Void
    ) async throws -> S3Response {
        let query = request.query
        if let response = try await configuration.answer(request, bucket, key: key) {
            note("ObjectConfiguration")
            return response
        }
        switch request.method {
        case .get:
            if query.contains("uploadId") {
                note("ListParts")
                return try await listParts(request, bucket, key)
            }
            if query.contains("attributes") {
                note("GetObjectAttributes")
                return try await getObjectAttributes(request, bucket, key)
            }
            try refuseOther(request, Self.otherReads)
            note("GetObject")
            return try await getObject(request, bucket, key)
        case .head:
            note("HeadObject")
            return try await getObject(request, bucket, key)
        case .put:
            let copies = request.headers[.copySource] != nil
            if query.contains("uploadId") {
                note(copies ? "UploadPartCopy" : "UploadPart")
                try requireOnly(["uploadId", "partNumber"], query)
                return try await copies ? uploadPartCopy(request, bucket, key) : uploadPart(request, bucket, key)
            }
            note(copies ? "CopyObject" : "PutObject")
            try requireOnly([], query)
            // Appending, which directory buckets of AWS know.
            if request.headers[.writeOffset] != nil { throw S3Error.notImplemented }
            return try await copies ? copyObject(request, bucket, key) : putObject(request, bucket, key)
        case .post:
            if query.contains("uploads") {
                note("CreateMultipartUpload")
                try requireOnly(["uploads"], query)
                return try await createUpload(request, bucket, key)
            }
            if query.contains("uploadId") {
                note("CompleteMultipartUpload")
                try requireOnly(["uploadId"], query)
                return try await completeUpload(request, bucket, key)
            }
            throw S3Error.notImplemented
        case .delete:
            if query.contains("uploadId") {
                note("AbortMultipartUpload")
                try requireOnly(["uploadId"], query)
                return try await abortUpload(request, bucket, key)
            }
            note("DeleteObject")
            try requireOnly(["versionId"], query)
            return try await deleteObject(request, bucket, key)
        default: throw S3Error.methodNotAllowed
        }
    }

    // MARK: What is not known here

    /// An operation that changes an object must not stand in for one that is not known here: S3 learns new ones that are told from it by
    /// nothing but a name in the query.
    private func requireOnly(_ names: Set<String>, _ query: S3Query) throws(S3Error) {
        guard let other = query.items.first(where: { !$0.isAside && !names.contains($0.name) }) else { return }
        guard other.name == "versionId" || other.name == "partNumber" else {
            throw S3Error.notImplemented.with(message: "A parameter you provided implies functionality that is not implemented.")
                .with(field: "Parameter", other.name)
        }
        throw S3Error.invalidArgument.with(
            message: "This operation does not accept a \(other.name == "versionId" ? "version-id" : "part number")."
        )
        .with(field: "ArgumentName", other.name).with(field: "ArgumentValue", other.value)
    }

    /// Reads are told by known names alone: addresses of pictures have names of caches in their query.
    private func refuseOther(_ request: S3Request, _ names: Set<String>) throws(S3Error) {
        if request.query.items.contains(where: { names.contains($0.name) }) { throw S3Error.notImplemented }
    }

    private static let otherReads: Set<String> = ["torrent", "annotation", "select", "restore", "encryption", "renameObject", "session"]
    private static let otherBucketReads: Set<String> = ["session"]
}

extension HTTPField.Name {
    fileprivate static let writeOffset = Self("x-amz-write-offset-bytes")!
}

extension S3Query.Item {
    /// Signs the request, says which client sends it, or stands there for the log: S3 leaves names with `x-` in front alone.
    fileprivate var isAside: Bool { name.lowercased().hasPrefix("x-") }
}

extension S3Query {
    /// Whether it names nothing but what signs the request or says which client sends it.
    var isPlain: Bool {
        items.allSatisfy { $0.name.hasPrefix("X-Amz-") || $0.name == "x-id" || $0.name == "max-keys" && $0.value.isEmpty }
    }
}
