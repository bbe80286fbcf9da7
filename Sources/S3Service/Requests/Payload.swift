import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ObjectStorage
import S3Wire

/// Reads the body of a request as the client meant it: chunks are taken apart and their signatures checked, and every digest that
/// the client sent is compared with what came.
struct Payload: Sendable {
    let request: S3Request
    /// Bytes of the body that are announced; nil for a body of unknown length.
    let length: Int?
    private let expectedMD5: [UInt8]?
    private let checksum: ChecksumWish

    /// What is known of a body once it has come.
    struct Facts: Sendable {
        let size: Int
        /// Hexadecimal.
        let md5: String
        let checksum: ObjectChecksum?
        /// What the SHA-256 of the bytes has to be, in hexadecimal, where whoever took the bytes is to compare it; nil where nobody
        /// needs to.
        var awaitedSHA256: String?
    }

    /// What a checksum is computed of and compared with.
    private struct ChecksumWish: Sendable {
        let algorithm: ChecksumAlgorithm?
        /// Base64, from a header.
        let expected: String?
        /// Whether it comes behind the body.
        let isTrailing: Bool
    }

    /// - Parameter checksum: what is computed where the client names no algorithm; nil: nothing.
    init(_ request: S3Request, checksum fallback: ChecksumAlgorithm?) throws(S3Error) {
        self.request = request
        let headers = request.headers
        switch request.payload {
        case .streaming:
            guard let text = headers[.decodedContentLength] else { throw S3Error.missingContentLength }
            guard let count = Int(text), count >= 0 else {
                throw S3Error.invalidArgument.with(message: "Invalid x-amz-decoded-content-length.")
            }
            length = count
        default:
            length = headers[.contentLength].flatMap { Int($0) } ?? (headers[.transferEncoding] == nil ? 0 : nil)
        }
        expectedMD5 = try Self.md5(headers)
        checksum = try Self.wish(headers, fallback)
    }

    private static func md5(_ headers: HTTPFields) throws(S3Error) -> [UInt8]? {
        guard let text = headers[.contentMD5] else { return nil }
        guard let data = Data(base64Encoded: text), data.count == 16 else { throw S3Error.invalidDigest }
        return Array(data)
    }

    /// Whether the client says what the digest of the body is, in a header or behind the body.
    static func hasDigest(_ headers: HTTPFields) -> Bool {
        if headers[.contentMD5] != nil { return true }
        let trailers = trailers(headers)
        return ChecksumAlgorithm.allCases.contains { headers[$0.headerName] != nil || trailers.contains($0.headerName.canonicalName) }
    }

    private static func trailers(_ headers: HTTPFields) -> [String] {
        (headers[.trailerNames] ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    }

    private static func wish(_ headers: HTTPFields, _ fallback: ChecksumAlgorithm?) throws(S3Error) -> ChecksumWish {
        if let unknown = ChecksumAlgorithm.named(in: headers).first(where: { ChecksumAlgorithm(rawValue: $0) == nil }) {
            throw S3Error.invalidRequest.with(message: "The checksum algorithm \(unknown) is not supported.")
        }
        var named: [(ChecksumAlgorithm, String?)] = []
        for algorithm in ChecksumAlgorithm.allCases {
            if let value = headers[algorithm.headerName] { named.append((algorithm, value)) }
        }
        let trailers = trailers(headers)
        for algorithm in ChecksumAlgorithm.allCases where trailers.contains(algorithm.headerName.canonicalName) {
            named.append((algorithm, nil))
        }
        guard named.count <= 1 else {
            throw S3Error.invalidRequest.with(
                message: "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
        }
        let declared = headers[.sdkChecksumAlgorithm].map { ($0, ChecksumAlgorithm(name: $0)) }
        if let (algorithm, value) = named.first {
            if let declared, declared.1 != algorithm {
                throw S3Error.invalidRequest.with(message: "Value for x-amz-sdk-checksum-algorithm header is invalid.")
            }
            if let value, !algorithm.isWellFormed(value) {
                throw S3Error.badDigest.with(message: "Value for \(algorithm.headerName.canonicalName) header is invalid.")
            }
            return ChecksumWish(algorithm: algorithm, expected: value, isTrailing: value == nil)
        }
        if let declared {
            // MD5 goes by a field of its own.
            guard declared.0.uppercased() != "MD5" else { return ChecksumWish(algorithm: fallback, expected: nil, isTrailing: false) }
            throw S3Error.invalidRequest.with(
                message: declared.1 == nil
                    ? "The algorithm type you specified is invalid."
                    : "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")
        }
        let wanted = headers[.checksumAlgorithm].map { ChecksumAlgorithm(rawValue: $0.uppercased()) }
        if let wanted, wanted == nil { throw S3Error.invalidRequest.with(message: "The algorithm type you specified is invalid.") }
        return ChecksumWish(algorithm: wanted ?? fallback, expected: nil, isTrailing: false)
    }

    /// Bytes that are hashed and passed on at once: few changes of threads for many bytes.
    private static let passed = 256 * 1024

    /// Reads the body to its end.
    ///
    /// - Parameters:
    ///   - limit: bytes that are taken; more are `EntityTooLarge`.
    ///   - sinkHashes: the sink computes the SHA-256 of the bytes anyway; `Facts.awaitedSHA256` is its to compare then.
    ///   - sink: gets the client's bytes in order.
    func read(limit: Int, sinkHashes: Bool = false, sink: (ByteBuffer) async throws -> Void) async throws -> Facts {
        if let length, length > limit { throw S3Error.entityTooLarge }
        var md5 = MD5Digest()
        var sha256: SHA256?
        var awaited: String?
        if case .sha256(let expected) = request.payload {
            if sinkHashes { awaited = expected } else { sha256 = SHA256() }
        }
        var summer = checksum.algorithm.map { Checksummer($0) }
        var size = 0
        var gathered = ByteBuffer()
        func pass() async throws {
            let bytes = gathered
            gathered = ByteBuffer()
            guard bytes.readableBytes > 0 else { return }
            await md5.update(bytes, in: .shared)
            bytes.withUnsafeReadableBytes { bytes in
                sha256?.update(bufferPointer: bytes)
                summer?.update(bytes)
            }
            try await sink(bytes)
        }
        func take(_ bytes: ByteBuffer) async throws {
            size += bytes.readableBytes
            guard size <= limit else { throw S3Error.entityTooLarge }
            if gathered.readableBytes + bytes.readableBytes > Self.passed { try await pass() }
            if gathered.readableBytes == 0 { gathered = bytes } else { gathered.writeImmutableBuffer(bytes) }
        }
        var trailers: HTTPFields = [:]
        if case .streaming = request.payload {
            let announced = (request.headers[.trailerNames] ?? "").split(separator: ",").compactMap {
                HTTPField.Name($0.trimmingCharacters(in: .whitespaces))
            }
            var decoder = try ChunkedBodyDecoder(
                mode: request.payload, signing: request.chunkSigning, decodedLength: length, trailerNames: announced)
            for try await var bytes in request.body {
                while let plain = try decoder.decode(&bytes) { try await take(plain) }
            }
            trailers = try decoder.finish()
        } else {
            for try await bytes in request.body { try await take(bytes) }
        }
        try await pass()
        if let length, size != length { throw S3Error.incompleteBody }
        let digest = md5.finalize()
        if let expectedMD5, expectedMD5 != digest { throw S3Error.badDigest }
        if case .sha256(let expected) = request.payload, let computed = sha256?.finalize(), Hexadecimal.text(computed) != expected {
            throw S3Error.contentSHA256Mismatch
        }
        return Facts(size: size, md5: Hexadecimal.text(digest), checksum: try compare(summer, trailers), awaitedSHA256: awaited)
    }

    private func compare(_ summer: Checksummer?, _ trailers: HTTPFields) throws(S3Error) -> ObjectChecksum? {
        guard let algorithm = checksum.algorithm, let summer else { return nil }
        let value = summer.finalize()
        let expected = checksum.isTrailing ? trailers[algorithm.headerName] : checksum.expected
        if checksum.isTrailing {
            guard let expected, algorithm.isWellFormed(expected) else {
                throw S3Error.invalidRequest.with(
                    message: "Value for \(algorithm.headerName.canonicalName) trailing header is invalid.")
            }
        }
        if let expected, expected != value {
            throw S3Error.badDigest.with(message: "The \(algorithm.rawValue) you specified did not match the calculated checksum.")
        }
        return ObjectChecksum(algorithm: algorithm.rawValue, value: value)
    }
}

extension S3Request {
    /// A small body, whole: a document of XML or JSON.
    ///
    /// - Parameter isSubject: whether checksums among the headers are of what the document is about, and not of itself.
    func document(limit: Int = 1 << 20, isSubject: Bool = false) async throws -> ByteBuffer {
        var document = ByteBuffer()
        var request = self
        if isSubject {
            var kept = headers
            for algorithm in ChecksumAlgorithm.named(in: headers) {
                kept[HTTPField.Name("x-amz-checksum-" + algorithm.lowercased())!] = nil
            }
            kept[.sdkChecksumAlgorithm] = nil
            request = with(headers: kept, caller: caller)
        }
        _ = try await Payload(request, checksum: nil).read(limit: limit) { document.writeImmutableBuffer($0) }
        return document
    }
}

extension ChecksumAlgorithm {
    /// Base64 of as many bytes as the algorithm gives.
    func isWellFormed(_ value: String) -> Bool {
        let size =
            switch self {
            case .crc32, .crc32c: 4
            case .crc64nvme: 8
            case .sha1: 20
            case .sha256: 32
            }
        return Data(base64Encoded: value)?.count == size
    }
}

extension HTTPField.Name {
    static let decodedContentLength = Self("x-amz-decoded-content-length")!
    static let trailerNames = Self("x-amz-trailer")!
    static let sdkChecksumAlgorithm = Self("x-amz-sdk-checksum-algorithm")!
    static let checksumAlgorithm = Self("x-amz-checksum-algorithm")!
    static let checksumType = Self("x-amz-checksum-type")!
    static let checksumMode = Self("x-amz-checksum-mode")!
    static let contentMD5 = Self("Content-MD5")!
    static let transferEncoding = Self("Transfer-Encoding")!
}
