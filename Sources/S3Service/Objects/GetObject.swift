import Crypto
import Foundation
import HTTPTypes
import NIOCore
import ObjectStorage
import S3Wire
import WebAPI

/// GET and HEAD of an object.
extension S3Core {
    func getObject(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        // The version may go between being found and being opened.
        for _ in 0..<10 {
            let version = try await readableVersion(request, bucket, key, .getObject)
            if let response = try await answer(version, request, bucket) { return response }
        }
        throw S3Error.slowDown
    }

    /// The version that a request reads, once it is known that the caller may.
    ///
    /// - Throws: 404 and 405 as S3 has them for what is not there and for delete markers; `AccessDenied` where the caller may not
    ///   even know that.
    func readableVersion(
        _ request: S3Request, _ bucket: Bucket, _ key: ObjectKey, _ action: S3Action, versionID: String? = nil
    ) async throws -> ObjectVersion {
        let versionID = versionID ?? request.query["versionId"]
        let found = try await find(key, versionID, bucket)
        guard let version = found, !version.isDeleteMarker else {
            throw rules.missing(request, action, bucket, key: key, versionID: versionID, marker: found)
        }
        try rules.authorize(request, action, bucket, key: key, object: version)
        return version
    }

    /// - Throws: `InvalidArgument` where the id is none.
    func find(_ key: ObjectKey, _ versionID: String?, _ bucket: Bucket) async throws -> ObjectVersion? {
        if let versionID {
            let isWord = versionID.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0)
            }
            guard isWord, versionID == ObjectVersion.nullID || versionID.utf8.count == 32 else {
                throw S3Error.invalidArgument.with(message: "Invalid version id specified").with(field: "ArgumentName", "versionId")
                    .with(field: "ArgumentValue", versionID)
            }
        }
        return try await store.find(key, version: versionID, in: bucket.name)
    }

    /// Nil where the bytes have gone meanwhile.
    private func answer(_ version: ObjectVersion, _ request: S3Request, _ bucket: Bucket) async throws -> S3Response? {
        let choice = try choose(version, request, bucket)
        guard let range = choice.range else { return S3Response(choice.status, headers: choice.fields) }
        guard let reader = try await store.open(version, in: bucket.name) else { return nil }
        guard let dataKey = choice.dataKey else { return S3Response(choice.status, headers: choice.fields, body: .object(reader, range)) }
        return S3Response(
            choice.status, headers: choice.fields,
            body: .stream(DecryptedReader(reader, dataKey: dataKey).chunks(range), length: range.count))
    }

    /// What is answered of a version, its bytes aside.
    struct Choice: Sendable {
        var status: HTTPResponse.Status
        var fields: HTTPFields
        /// Of the object's bytes, as the client knows them; nil where none are sent.
        var range: Range<Int>?
        /// Of an encrypted object.
        var dataKey: SymmetricKey?
    }

    func choose(_ version: ObjectVersion, _ request: S3Request, _ bucket: Bucket) throws -> Choice {
        var fields = ObjectHeaders.fields(of: version, in: bucket, request: request)
        if let expiration = rules.expiration(of: version, in: bucket) { fields[.expiration] = expiration }
        switch ETagConditions(request.headers).evaluate(etag: version.etag, modified: version.modified) {
        case .failed: throw S3Error.preconditionFailed
        case .notModified:
            var kept: HTTPFields = [.eTag: fields[.eTag] ?? "", .lastModified: fields[.lastModified] ?? ""]
            for name in [HTTPField.Name.cacheControl, .expires, .versionID] { kept[name] = fields[name] }
            return Choice(status: .notModified, fields: kept)
        case .holds: break
        }
        let (status, range) = try selection(of: version, request, &fields)
        let dataKey = try ObjectEncryption(version.attributes).map {
            try encryptionKeys.open($0, customer: try CustomerKey(request.headers))
        }
        if dataKey == nil, try CustomerKey(request.headers) != nil {
            throw S3Error.invalidRequest.with(message: "The encryption parameters are not applicable to this object.")
        }
        if request.headers[.serverSideEncryption] != nil {
            throw S3Error.invalidArgument.with(message: "x-amz-server-side-encryption header is not supported for this operation.")
        }
        try ObjectHeaders.override(&fields, request)
        if request.headers[.checksumMode]?.uppercased() == "ENABLED", status == .ok {
            fields.append(contentsOf: ObjectHeaders.checksumFields(version.attributes.checksum))
        }
        fields.append(HTTPField(name: .contentLength, value: String(range.count)))
        return Choice(
            status: status, fields: fields, range: request.method == .get && !range.isEmpty ? range : nil, dataKey: dataKey)
    }

    /// What of an object a request asks for: a range, a part, or all.
    private func selection(
        of version: ObjectVersion, _ request: S3Request, _ fields: inout HTTPFields
    ) throws(S3Error) -> (HTTPResponse.Status, Range<Int>) {
        let size = version.clientSize
        if let text = request.query["partNumber"] {
            guard request.headers[.range] == nil else {
                throw S3Error.invalidRequest.with(message: "Cannot specify both Range header and partNumber query parameter.")
            }
            guard let number = Int(text), (1...10_000).contains(number) else {
                throw S3Error.invalidArgument.with(message: "Part number must be an integer between 1 and 10000, inclusive.")
            }
            let parts = version.attributes.parts
            guard let parts else {
                guard number == 1 else { throw S3Error.invalidPart }
                return (.partialContent, 0..<size)
            }
            guard number <= parts.count else { throw S3Error.invalidPart }
            let begin = parts[..<(number - 1)].reduce(0) { $0 + $1.size }
            let range = begin..<begin + parts[number - 1].size
            fields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            fields.append(contentsOf: checksum(of: parts[number - 1], in: version, request))
            return (.partialContent, range)
        }
        let isCurrent = ETagConditions.isCurrent(request.headers[.ifRange], etag: version.etag, modified: version.modified)
        switch ByteRange(header: isCurrent ? request.headers[.range] : nil, size: size) {
        case .whole: return (.ok, 0..<size)
        case .partial(let range):
            fields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            return (.partialContent, range)
        case .unsatisfiable:
            throw S3Error.invalidRange.with(field: "RangeRequested", request.headers[.range] ?? "")
                .with(field: "ActualObjectSize", String(size)).with(header: .contentRange, "bytes */\(size)")
        }
    }

    /// The part's checksum, with the type of the object's own.
    private func checksum(of part: ObjectPart, in version: ObjectVersion, _ request: S3Request) -> HTTPFields {
        guard request.headers[.checksumMode]?.uppercased() == "ENABLED" else { return [:] }
        var fields = ObjectHeaders.checksumFields(part.checksum)
        if fields[.checksumType] != nil, let whole = version.attributes.checksum { fields[.checksumType] = whole.type }
        return fields
    }

    func getObjectAttributes(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        let version = try await readableVersion(request, bucket, key, .getObjectAttributes)
        if let encryption = ObjectEncryption(version.attributes) {
            _ = try encryptionKeys.open(encryption, customer: try CustomerKey(request.headers))
        }
        let names = request.headers[values: .objectAttributes].flatMap { $0.split(separator: ",") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
        let known: Set<String> = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
        guard !names.isEmpty, names.allSatisfy(known.contains) else {
            throw S3Error.invalidArgument.with(message: "Invalid attribute name specified.")
        }
        var xml = XMLWriter(root: "GetObjectAttributesResponse")
        if names.contains("ETag") { xml.element("ETag", version.etag) }
        if names.contains("Checksum"), let checksum = version.attributes.checksum {
            xml.open("Checksum")
            xml.element("Checksum" + checksum.algorithm, checksum.value)
            xml.element("ChecksumType", checksum.type)
            xml.close("Checksum")
        }
        if names.contains("ObjectParts"), let parts = version.attributes.parts { try write(parts, request, to: &xml) }
        if names.contains("StorageClass") { xml.element("StorageClass", version.attributes.storageClass ?? "STANDARD") }
        if names.contains("ObjectSize") { xml.element("ObjectSize", version.clientSize) }
        var headers: HTTPFields = [.lastModified: HTTPDate.format(Date(timeIntervalSince1970: Double(version.modified) / 1000))]
        if bucket.versioning != .off { headers[.versionID] = version.versionID }
        return S3Response(headers: headers, body: .bytes(xml.finish()))
    }

    private func write(_ parts: [ObjectPart], _ request: S3Request, to xml: inout XMLWriter) throws(S3Error) {
        let marker = try Self.count(request.headers[.partNumberMarker], default: 0)
        let limit = min(try Self.count(request.headers[.maxParts], default: 1000), 1000)
        let rest = parts.enumerated().drop { $0.offset < marker }
        let page = rest.prefix(limit)
        let isTruncated = rest.count > page.count
        xml.open("ObjectParts")
        xml.element("TotalPartsCount", parts.count)
        xml.element("PartsCount", parts.count)
        xml.element("PartNumberMarker", marker)
        if isTruncated, let last = page.last { xml.element("NextPartNumberMarker", last.offset + 1) }
        xml.element("MaxParts", limit)
        xml.element("IsTruncated", isTruncated ? "true" : "false")
        for (index, part) in page {
            xml.open("Part")
            // Parts of an object are numbered anew, without the gaps that its upload may have had.
            xml.element("PartNumber", index + 1)
            xml.element("Size", part.size)
            if let checksum = part.checksum { xml.element("Checksum" + checksum.algorithm, checksum.value) }
            xml.close("Part")
        }
        xml.close("ObjectParts")
    }

    private static func count(_ text: String?, default fallback: Int) throws(S3Error) -> Int {
        guard let text else { return fallback }
        guard let number = Int(text), number >= 0 else { throw S3Error.invalidArgument.with(message: "Provided value is not a number.") }
        return number
    }
}
