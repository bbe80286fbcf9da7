import Foundation
import NIOCore
import ObjectStorage
import S3Wire
import WebAPI

/// ListObjects, ListObjectsV2 and ListObjectVersions.
extension S3Core {
    /// Which of the two lists of objects is asked for.
    func listOperation(_ request: S3Request) -> String { request.query["list-type"] == "2" ? "ListObjectsV2" : "ListObjects" }

    /// ListObjects and ListObjectsV2.
    func listObjects(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        try rules.authorize(request, .listBucket, bucket)
        let list = try ObjectList(request, pageKeys: settings.pageKeys)
        return list.answer(list.query.limit > 0 ? try await store.list(bucket.name, list.query) : .init(), bucket)
    }

    /// The same without waiting; nil where the page is not in memory.
    func listObjectsAtOnce(_ request: S3Request, _ bucket: Bucket) throws -> S3Response? {
        try rules.authorize(request, .listBucket, bucket)
        let list = try ObjectList(request, pageKeys: settings.pageKeys)
        return store.knownList(bucket.name, list.query).map { list.answer($0, bucket) }
    }

    func listVersions(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        try rules.authorize(request, .listBucketVersions, bucket)
        let shape = try ListShape(request.query, pageKeys: settings.pageKeys)
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
        shape.write(page.commonPrefixes, to: &xml)
        return S3Response(body: .bytes(xml.finish()))
    }
}
