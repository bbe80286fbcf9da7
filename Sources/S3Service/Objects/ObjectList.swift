import Foundation
import ObjectStorage
import S3Wire
import WebAPI

/// What all lists of objects have in common.
struct ListShape {
    let prefix: String
    let delimiter: String?
    let limit: Int
    let encodes: Bool

    /// - Throws: `InvalidArgument`.
    init(_ query: S3Query, pageKeys: Int) throws(S3Error) {
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

    func write(_ prefixes: [String], to xml: inout XMLWriter) {
        for prefix in prefixes {
            xml.markup("<CommonPrefixes><Prefix>")
            xml.write(text(prefix))
            xml.markup("</Prefix></CommonPrefixes>")
        }
    }
}

/// ListObjects or ListObjectsV2 as a request has it.
struct ObjectList {
    typealias Page = VersionedObjectStore.Page<VersionedObjectStore.ListedObject>

    let query: VersionedObjectStore.ListQuery
    private let shape: ListShape
    /// Where the list begins, in the terms of its version.
    private let start: Start
    private let tellsOwner: Bool

    private enum Start {
        case marker(String)
        case token(String?, startAfter: String?)
    }

    /// - Throws: `InvalidArgument`.
    init(_ request: S3Request, pageKeys: Int) throws(S3Error) {
        let query = request.query
        shape = try ListShape(query, pageKeys: pageKeys)
        var wanted = shape.query
        if query["list-type"] == "2" {
            let (token, startAfter) = (query["continuation-token"], query["start-after"])
            start = .token(token, startAfter: startAfter)
            tellsOwner = query["fetch-owner"] == "true"
            // An empty token is where a list begins.
            if let token, !token.isEmpty {
                wanted.after = try ContinuationToken.decode(token)
            } else {
                wanted.after = startAfter.flatMap { $0.isEmpty ? nil : $0 }
            }
        } else {
            let marker = query["marker"] ?? ""
            start = .marker(marker)
            tellsOwner = true
            wanted.after = marker.isEmpty ? nil : marker
        }
        self.query = wanted
    }

    func answer(_ page: Page, _ bucket: Bucket) -> S3Response {
        var xml = XMLWriter(root: "ListBucketResult", capacity: 1024 + 320 * page.items.count + 128 * page.commonPrefixes.count)
        xml.element("Name", bucket.name.description)
        xml.element("Prefix", shape.text(shape.prefix))
        switch start {
        case .marker(let marker): xml.element("Marker", shape.text(marker))
        case .token(let token, let startAfter):
            if let token { xml.element("ContinuationToken", token) }
            if let startAfter { xml.element("StartAfter", shape.text(startAfter)) }
            xml.element("KeyCount", page.items.count + page.commonPrefixes.count)
        }
        xml.element("MaxKeys", shape.limit)
        if let delimiter = shape.delimiter { xml.element("Delimiter", shape.text(delimiter)) }
        if shape.encodes { xml.element("EncodingType", "url") }
        xml.element("IsTruncated", page.next == nil ? "false" : "true")
        if let next = page.next {
            switch start {
            case .marker: if shape.delimiter != nil { xml.element("NextMarker", shape.text(next)) }
            case .token: xml.element("NextContinuationToken", ContinuationToken.encode(next))
            }
        }
        for item in page.items { write(item, to: &xml) }
        shape.write(page.commonPrefixes, to: &xml)
        return S3Response(body: .bytes(xml.finish()))
    }

    private func write(_ item: VersionedObjectStore.ListedObject, to xml: inout XMLWriter) {
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
        if tellsOwner { xml.owner(item.owner) }
        xml.markup("<StorageClass>")
        xml.write(item.storageClass ?? "STANDARD")
        xml.markup("</StorageClass></Contents>")
    }
}

extension String {
    /// As `encoding-type=url` has it: percent-encoded, slashes as they are.
    var s3URLEncoded: String { urlPercentEncoded.replacing("%2F", with: "/") }
}
