import Crypto
import Foundation
import HTTPTypes
import ObjectStorage
import S3Wire

/// A part as a client names it when it completes an upload.
struct CompletedPart: Sendable {
    let number: Int
    let etag: String
    let checksum: ObjectChecksum?

    init(_ element: XMLElement) throws(S3Error) {
        guard let number = element["PartNumber"].flatMap({ Int($0.text.trimmingCharacters(in: .whitespacesAndNewlines)) }),
            let etag = element["ETag"]?.text
        else { throw S3Error.malformedXML }
        guard (1...10_000).contains(number) else { throw S3Error.invalidPart }
        self.number = number
        self.etag = ETagConditions.bare(etag.trimmingCharacters(in: .whitespacesAndNewlines))
        checksum =
            ChecksumAlgorithm.allCases.lazy.compactMap { algorithm in
                element["Checksum" + algorithm.rawValue].map { ObjectChecksum(algorithm: algorithm.rawValue, value: $0.text) }
            }.first
    }

    /// - Parameter smallest: bytes that every part but the last has at the least.
    /// - Throws: `InvalidPart`, `EntityTooSmall`.
    static func check(_ named: [CompletedPart], against parts: [ObjectPart], smallest: Int) throws(S3Error) {
        for (name, part) in zip(named, parts) {
            guard name.etag == part.etag, name.checksum == nil || name.checksum == part.checksum else {
                throw S3Error.invalidPart.with(field: "PartNumber", String(name.number)).with(field: "ETag", name.etag)
            }
        }
        if let small = parts.dropLast().first(where: { $0.size < smallest }) {
            throw S3Error.entityTooSmall.with(field: "ProposedSize", String(small.size)).with(field: "MinSizeAllowed", String(smallest))
                .with(field: "PartNumber", String(small.number)).with(field: "ETag", small.etag)
        }
    }

    /// - Throws: `InvalidRequest` where the client expects another size of the whole (`x-amz-mp-object-size`).
    static func checkSize(of parts: [ObjectPart], _ headers: HTTPFields) throws(S3Error) {
        guard let text = headers[.objectSize] else { return }
        let size = parts.reduce(0) { $0 + $1.size }
        guard let expected = Int(text), expected == size else {
            throw S3Error.invalidRequest.with(
                message: "The provided 'x-amz-mp-object-size' header value \(text) does not match what was computed: \(size)")
        }
    }

    /// The MD5 of the parts' MD5s, and how many there are.
    static func etag(of parts: [ObjectPart]) -> String {
        var md5 = Insecure.MD5()
        for part in parts { md5.update(data: Hexadecimal.bytes(part.etag.utf8) ?? []) }
        return "\(Hexadecimal.text(md5.finalize()))-\(parts.count)"
    }
}

/// The checksum of an object that comes in parts: of the parts' checksums (composite) or of all bytes (full object), which CRCs
/// allow to be computed from the parts' own.
enum MultipartChecksum {
    /// What an upload asks for, with an empty value; nil where it asks for nothing.
    static func wish(_ headers: HTTPFields) throws(S3Error) -> ObjectChecksum? {
        let type = headers[.checksumType]?.uppercased()
        guard let name = headers[.checksumAlgorithm] ?? headers[.sdkChecksumAlgorithm] else {
            guard type == nil else {
                throw S3Error.invalidRequest.with(
                    message: "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
            }
            return nil
        }
        guard let algorithm = ChecksumAlgorithm(rawValue: name.uppercased()) else {
            throw S3Error.invalidRequest.with(
                message:
                    "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
            )
        }
        let isComposite: Bool
        switch type {
        case "COMPOSITE"?: isComposite = true
        case "FULL_OBJECT"?: isComposite = false
        case nil: isComposite = algorithm != .crc64nvme
        default: throw S3Error.invalidRequest.with(message: "Value for x-amz-checksum-type header is invalid.")
        }
        guard isComposite ? algorithm.canBeComposite : algorithm.canBeFullObject else {
            throw S3Error.invalidRequest.with(
                message: "The \(type ?? "") checksum type cannot be used with the \(algorithm.rawValue.lowercased()) checksum algorithm.")
        }
        return ObjectChecksum(algorithm: algorithm.rawValue, value: "", isComposite: isComposite)
    }

    /// - Parameter headers: of the request that completes the upload, which may bring what is expected.
    /// - Throws: `BadDigest`; `InvalidRequest` where it expects a checksum of another kind than the upload has.
    static func whole(of parts: [ObjectPart], wish: ObjectChecksum?, _ headers: HTTPFields) throws(S3Error) -> ObjectChecksum? {
        let name = wish?.algorithm ?? parts.first?.checksum?.algorithm
        if let other = ChecksumAlgorithm.named(in: headers).first(where: { $0 != name }) {
            throw S3Error.invalidRequest.with(
                message: "The upload was created using the \(name?.lowercased() ?? "null") checksum. "
                    + "The complete request must not have the checksum \(other.lowercased()).")
        }
        guard let name, let algorithm = ChecksumAlgorithm(rawValue: name) else { return nil }
        let values = parts.compactMap { $0.checksum?.algorithm == name ? $0.checksum?.value : nil }
        guard values.count == parts.count else { return nil }
        let isComposite = wish?.isComposite ?? !algorithm.canBeFullObject
        if let type = headers[.checksumType]?.uppercased(), type != (isComposite ? "COMPOSITE" : "FULL_OBJECT") {
            throw S3Error.invalidRequest.with(message: "The upload was created with another checksum type than \(type).")
        }
        let value =
            isComposite
            ? algorithm.composite(of: values) : algorithm.combineFullObject(zip(values, parts).map { (value: $0, size: $1.size) })
        guard let value else { return nil }
        if let expected = headers[algorithm.headerName], expected != value {
            throw S3Error.badDigest.with(message: "The \(name) you specified did not match the calculated checksum.")
        }
        return ObjectChecksum(algorithm: name, value: value, isComposite: isComposite)
    }
}

extension HTTPField.Name {
    fileprivate static let objectSize = Self("x-amz-mp-object-size")!
}

extension ChecksumAlgorithm {
    private static let prefix = "x-amz-checksum-"
    private static let others: Set<String> = ["algorithm", "type", "mode"]

    /// The algorithms whose values are among the fields, those that are not known here as well, as documents write them: `CRC32`.
    static func named(in headers: HTTPFields) -> [String] {
        headers.compactMap { field in
            let name = field.name.canonicalName
            guard name.hasPrefix(prefix) else { return nil }
            let algorithm = name.dropFirst(prefix.count)
            return others.contains(String(algorithm)) ? nil : algorithm.uppercased()
        }
    }
}
