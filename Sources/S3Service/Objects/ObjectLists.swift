import Foundation
import NIOCore
import ObjectStorage
import S3Wire
import WebAPI

/// ListObjects, ListObjectsV2 and ListObjectVersions.
extension S3Core {
    /// What the three have in common.
    private struct Shape {
        let prefix: String
        let delimiter: String?
        let limit: Int
        let encodes: Bool

        init(_ request: S3Request, pageKeys: Int) throws {
            let query = request.query
            prefix = query["prefix"] ?? ""
            delimiter = query["delimiter"].flatMap { $0.isEmpty ? nil : $0 }
            limit = try query.count("max-keys", default: 1000, limit: pageKeys)
            switch query["encoding-type"] {
            case nil, ""?: encodes = false
            case "url"?: encodes = true
            default: throw S3Error.invalidArgument.with(message: "Invalid Encoding Method specified in Request")
            }
            if query["allow-unordered"] == "true", delimiter != nil {
                throw S3Error.invalidArgument.with(message: "An unordered list takes no delimiter.")
            }
        }

        /// A key, or a part of one, as the answer has it.
        func text(_ key: String) -> String { encodes ? key.s3URLEncoded : key }

        var query: VersionedObjectStore.ListQuery {
            var query = VersionedObjectStore.ListQuery()
            query.prefix = prefix
            query.delimiter = delimiter
            query.limit = limit
            return query
        }
    }

    func listObjects(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        try rules.authorize(request, .listBucket, bucket)
        let shape = try Shape(request, pageKeys: settings.pageKeys)
        var query = shape.query
        let marker = request.query["marker"] ?? ""
        query.after = marker.isEmpty ? nil : marker
        let page = shape.limit > 0 ? try await store.list(bucket.name, query) : .init()
        var xml = XMLWriter(root: "ListBucketResult", capacity: 1024 + 320 * (page.items.count + page.commonPrefixes.count))
        xml.element("Name", bucket.name.description)
        xml.element("Prefix", shape.text(shape.prefix))
        xml.element("Marker", shape.text(marker))
        xml.element("MaxKeys", shape.limit)
        if let delimiter = shape.delimiter { xml.element("Delimiter", shape.text(delimiter)) }
        if shape.encodes { xml.element("EncodingType", "url") }
        xml.element("IsTruncated", page.next == nil ? "false" : "true")
        if shape.delimiter != nil, let next = page.next { xml.element("NextMarker", shape.text(next)) }
        write(page.items, shape, owner: true, to: &xml)
        write(page.commonPrefixes, shape, to: &xml)
        return S3Response(body: .bytes(xml.finish()))
    }

    func listObjectsV2(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        try rules.authorize(request, .listBucket, bucket)
        let shape = try Shape(request, pageKeys: settings.pageKeys)
        var query = shape.query
        let token = request.query["continuation-token"]
        let startAfter = request.query["start-after"] ?? ""
        // An empty token is where a list begins.
        query.after = try token.flatMap { $0.isEmpty ? nil : $0 }.map(ContinuationToken.decode) ?? (startAfter.isEmpty ? nil : startAfter)
        let page = shape.limit > 0 ? try await store.list(bucket.name, query) : .init()
        var xml = XMLWriter(root: "ListBucketResult", capacity: 1024 + 320 * (page.items.count + page.commonPrefixes.count))
        xml.element("Name", bucket.name.description)
        xml.element("Prefix", shape.text(shape.prefix))
        if let token { xml.element("ContinuationToken", token) }
        if request.query.contains("start-after") { xml.element("StartAfter", shape.text(startAfter)) }
        xml.element("KeyCount", page.items.count + page.commonPrefixes.count)
        xml.element("MaxKeys", shape.limit)
        if let delimiter = shape.delimiter { xml.element("Delimiter", shape.text(delimiter)) }
        if shape.encodes { xml.element("EncodingType", "url") }
        xml.element("IsTruncated", page.next == nil ? "false" : "true")
        if let next = page.next { xml.element("NextContinuationToken", ContinuationToken.encode(next)) }
        write(page.items, shape, owner: request.query["fetch-owner"] == "true", to: &xml)
        write(page.commonPrefixes, shape, to: &xml)
        return S3Response(body: .bytes(xml.finish()))
    }

    private func write(_ items: [VersionedObjectStore.ListedObject], _ shape: Shape, owner: Bool, to xml: inout XMLWriter) {
        for item in items {
            xml.markup("<Contents><Key>")
            xml.write(shape.text(item.key))
            xml.markup("</Key><LastModified>")
            xml.write(Timestamp.text(milliseconds: item.modified))
            xml.markup("</LastModified><ETag>&quot;")
            xml.write(item.etag)
            xml.markup("&quot;</ETag>")
            if let algorithm = item.checksumAlgorithm {
                xml.markup("<ChecksumAlgorithm>")
                xml.write(algorithm)
                if item.isComposite {
                    xml.markup("</ChecksumAlgorithm><ChecksumType>COMPOSITE</ChecksumType>")
                } else {
                    xml.markup("</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>")
                }
            }
            xml.markup("<Size>")
            xml.write(item.size)
            xml.markup("</Size>")
            if owner { xml.owner(item.owner) }
            xml.markup("<StorageClass>")
            xml.write(item.storageClass ?? "STANDARD")
            xml.markup("</StorageClass></Contents>")
        }
    }

    private func write(_ prefixes: [String], _ shape: Shape, to xml: inout XMLWriter) {
        for prefix in prefixes {
            xml.open("CommonPrefixes")
            xml.element("Prefix", shape.text(prefix))
            xml.close("CommonPrefixes")
        }
    }

    func listVersions(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        try rules.authorize(request, .listBucketVersions, bucket)
        let shape = try Shape(request, pageKeys: settings.pageKeys)
        var query = shape.query
        let (keyMarker, versionMarker) = (request.query["key-marker"] ?? "", request.query["version-id-marker"] ?? "")
        if request.query.contains("version-id-marker"), keyMarker.isEmpty, !versionMarker.isEmpty {
            throw S3Error.invalidArgument.with(message: "A version-id marker cannot be specified without a key marker.")
        }
        query.after = keyMarker.isEmpty ? nil : keyMarker
        query.afterID = versionMarker.isEmpty ? nil : versionMarker
        let page = shape.limit > 0 ? try await store.listVersions(bucket.name, query) : .init()
        var xml = XMLWriter(root: "ListVersionsResult")
        xml.element("Name", bucket.name.description)
        xml.element("Prefix", shape.text(shape.prefix))
        xml.element("KeyMarker", shape.text(keyMarker))
        xml.element("VersionIdMarker", versionMarker)
        xml.element("MaxKeys", shape.limit)
        if let delimiter = shape.delimiter { xml.element("Delimiter", shape.text(delimiter)) }
        if shape.encodes { xml.element("EncodingType", "url") }
        xml.element("IsTruncated", page.next == nil ? "false" : "true")
        if let next = page.next {
            xml.element("NextKeyMarker", shape.text(next))
            if let id = page.nextID { xml.element("NextVersionIdMarker", id) }
        }
        for version in page.items {
            let name = version.isDeleteMarker ? "DeleteMarker" : "Version"
            xml.open(name)
            xml.element("Key", shape.text(version.key.description))
            xml.element("VersionId", version.versionID)
            xml.element("IsLatest", version.isLatest ? "true" : "false")
            xml.element("LastModified", Timestamp.text(milliseconds: version.modified))
            if !version.isDeleteMarker {
                xml.element("ETag", "\"\(version.etag)\"")
                if let checksum = version.attributes.checksum {
                    xml.element("ChecksumAlgorithm", checksum.algorithm)
                    xml.element("ChecksumType", checksum.type)
                }
                xml.element("Size", version.clientSize)
                xml.element("StorageClass", version.attributes.storageClass ?? "STANDARD")
            }
            xml.owner(version.attributes.owner)
            xml.close(name)
        }
        write(page.commonPrefixes, shape, to: &xml)
        return S3Response(body: .bytes(xml.finish()))
    }
}

extension String {
    /// As `encoding-type=url` has it: percent-encoded, slashes as they are.
    var s3URLEncoded: String { urlPercentEncoded.replacing("%2F", with: "/") }
}
