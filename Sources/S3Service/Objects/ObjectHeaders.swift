import Foundation
import HTTPTypes
import ObjectStorage
import S3Wire
import WebAPI

/// The headers that an object keeps and gives back.
enum ObjectHeaders {
    /// Where a client names no type.
    static let defaultContentType = "binary/octet-stream"
    private static let metadataPrefix = "x-amz-meta-"
    /// Bytes of an object's user metadata, names and values, by S3's rules.
    private static let metadataLimit = 2048

    /// Kept and sent back as they came, by lower-case name.
    private static let kept = [
        "cache-control", "content-disposition", "content-encoding", "content-language", "expires", "x-amz-website-redirect-location",
    ]
    private static let storageClasses: Set<String> = [
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR",
    ]

    static func contentType(_ headers: HTTPFields) -> String {
        headers[.contentType].flatMap { $0.isEmpty ? nil : $0 } ?? defaultContentType
    }

    /// Puts the kept headers, the user metadata and the storage class of a request beside an object.
    static func read(_ headers: HTTPFields, into attributes: inout ObjectAttributes) throws(S3Error) {
        for field in headers {
            let name = field.name.canonicalName
            if kept.contains(name) {
                let value = name == "content-encoding" ? contentEncoding(field.value) : field.value
                if !value.isEmpty { attributes.headers[name] = value }
            } else if name.hasPrefix(metadataPrefix) {
                let key = String(name.dropFirst(metadataPrefix.count))
                attributes.metadata[key] = attributes.metadata[key].map { $0 + "," + field.value } ?? field.value
            }
        }
        guard attributes.metadata.reduce(0, { $0 + $1.key.utf8.count + $1.value.utf8.count }) <= metadataLimit else {
            throw S3Error.metadataTooLarge
        }
        try readStorageClass(headers, into: &attributes)
    }

    static func readStorageClass(_ headers: HTTPFields, into attributes: inout ObjectAttributes) throws(S3Error) {
        guard let storageClass = headers[.storageClass] else { return }
        guard storageClasses.contains(storageClass) else { throw S3Error.invalidStorageClass }
        attributes.storageClass = storageClass == "STANDARD" ? nil : storageClass
    }

    /// `aws-chunked` is how a body travels and no property of the object.
    private static func contentEncoding(_ value: String) -> String {
        guard value.contains("aws-chunked") else { return value }
        return value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0 != "aws-chunked" }
            .joined(separator: ", ")
    }

    /// What GET and HEAD answer of an object, its bytes' length and range aside.
    static func fields(of version: ObjectVersion, in bucket: Bucket, request: S3Request) -> HTTPFields {
        let attributes = version.attributes
        var fields = HTTPFields()
        fields.reserveCapacity(8)
        // Nothing is there yet that setting them would have to look for.
        func append(_ name: HTTPField.Name, _ value: String) { fields.append(HTTPField(name: name, value: value)) }
        append(.eTag, "\"\(version.etag)\"")
        append(.lastModified, HTTPDate.format(Date(timeIntervalSince1970: Double(version.modified) / 1000)))
        append(.acceptRanges, "bytes")
        append(.contentType, version.contentType)
        for (name, value) in attributes.headers { if let name = HTTPField.Name(name) { fields[name] = value } }
        for (name, value) in attributes.metadata { if let name = HTTPField.Name(metadataPrefix + name) { fields[name] = value } }
        if bucket.versioning != .off { fields[.versionID] = version.versionID }
        if !attributes.tags.isEmpty { fields[.taggingCount] = String(attributes.tags.count) }
        if let storageClass = attributes.storageClass { fields[.storageClass] = storageClass }
        if let encryption = ObjectEncryption(attributes) { fields.append(contentsOf: encryption.headers) }
        if let retention = attributes.retention {
            fields[.lockMode] = retention.mode.rawValue
            fields[.lockUntil] = Timestamp.text(milliseconds: retention.until)
        }
        if let isHeld = attributes.hasLegalHold { fields[.legalHold] = isHeld ? "ON" : "OFF" }
        if let parts = attributes.parts, request.query.contains("partNumber") { fields[.partsCount] = String(parts.count) }
        return fields
    }

    /// What a request that is signed may have said instead of what is kept (`response-content-type` and its like).
    static func override(_ fields: inout HTTPFields, _ request: S3Request) throws(S3Error) {
        guard !request.query.items.isEmpty else { return }
        let names: [(String, HTTPField.Name)] = [
            ("response-content-type", .contentType), ("response-content-language", .contentLanguage), ("response-expires", .expires),
            ("response-cache-control", .cacheControl), ("response-content-disposition", .contentDisposition),
            ("response-content-encoding", .contentEncoding),
        ]
        for (parameter, name) in names {
            guard let value = request.query[parameter] else { continue }
            guard request.caller.user != nil else {
                throw S3Error.invalidRequest.with(message: "Request specific response headers cannot be used for anonymous GET requests.")
            }
            guard !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                throw S3Error.invalidArgument.with(message: "Header value cannot be represented.")
            }
            fields[name] = value
        }
    }

    /// The checksum, for a client that asks for it.
    static func checksumFields(_ checksum: ObjectChecksum?) -> HTTPFields {
        guard let checksum, let algorithm = ChecksumAlgorithm(rawValue: checksum.algorithm) else { return [:] }
        return [algorithm.headerName: checksum.value, .checksumType: checksum.type]
    }
}

extension ObjectChecksum {
    /// As S3 calls it.
    var type: String { isComposite ? "COMPOSITE" : "FULL_OBJECT" }
}

extension ObjectVersion {
    /// Bytes as the client knows them.
    var clientSize: Int { attributes.clientSize ?? size }
}

extension HTTPField.Name {
    static let storageClass = Self("x-amz-storage-class")!
    static let versionID = Self("x-amz-version-id")!
    static let deleteMarker = Self("x-amz-delete-marker")!
    static let taggingCount = Self("x-amz-tagging-count")!
    static let lockMode = Self("x-amz-object-lock-mode")!
    static let lockUntil = Self("x-amz-object-lock-retain-until-date")!
    static let legalHold = Self("x-amz-object-lock-legal-hold")!
    static let partsCount = Self("x-amz-mp-parts-count")!
    static let copySource = Self("x-amz-copy-source")!
    static let copySourceRange = Self("x-amz-copy-source-range")!
    static let copySourceVersionID = Self("x-amz-copy-source-version-id")!
    static let metadataDirective = Self("x-amz-metadata-directive")!
    static let taggingDirective = Self("x-amz-tagging-directive")!
    static let tagging = Self("x-amz-tagging")!
    static let expiration = Self("x-amz-expiration")!
    static let bucketRegion = Self("x-amz-bucket-region")!
    static let expectedBucketOwner = Self("x-amz-expected-bucket-owner")!
    static let expectedSourceBucketOwner = Self("x-amz-source-expected-bucket-owner")!
    static let objectAttributes = Self("x-amz-object-attributes")!
    static let maxParts = Self("x-amz-max-parts")!
    static let partNumberMarker = Self("x-amz-part-number-marker")!
    static let bypassGovernance = Self("x-amz-bypass-governance-retention")!
    static let expires = Self("Expires")!
}
