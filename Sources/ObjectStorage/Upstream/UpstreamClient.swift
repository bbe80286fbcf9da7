import AsyncHTTPClient
import Crypto
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOSSL
import S3Wire

/// Sends signed requests to an S3 endpoint, one attempt a call.
final class UpstreamClient: Sendable {
    let configuration: UpstreamConfiguration
    private let signer: S3Signer
    private let client: HTTPClient

    /// Bytes of an answer that is read as a whole.
    private static let maximumAnswer = 16 << 20
    /// Bytes a second of an upload below which it is given up.
    private static let slowestUpload = 64 * 1024

    /// - Throws: `ObjectStoreError` where the file of authorities holds none.
    init(_ configuration: UpstreamConfiguration) throws {
        self.configuration = configuration
        signer = S3Signer(accessKey: configuration.accessKey, secretKey: configuration.secretKey, region: configuration.region)
        var http = HTTPClient.Configuration()
        http.redirectConfiguration = .disallow
        http.decompression = .disabled
        http.httpVersion = .http1Only
        // Attempts are counted here.
        http.connectionPool.retryConnectionEstablishment = false
        http.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.connections
        http.timeout.connect = TimeAmount(min(configuration.timeout, .seconds(10)))
        http.timeout.read = TimeAmount(configuration.timeout)
        http.timeout.write = TimeAmount(configuration.timeout)
        if !configuration.caFile.isEmpty { http.tlsConfiguration = try Self.tls(trusting: configuration.caFile) }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: http)
    }

    private static func tls(trusting path: String) throws -> TLSConfiguration {
        let authorities: [NIOSSLCertificate]
        do { authorities = try NIOSSLCertificate.fromPEMFile(path) } catch {
            throw ObjectStoreError.failed("upstream-ca-file: \(path) cannot be read as certificates in PEM form")
        }
        guard !authorities.isEmpty else { throw ObjectStoreError.failed("upstream-ca-file: \(path) holds no certificate in PEM form") }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(authorities)
        return tls
    }

    func close() async { try? await client.shutdown() }

    enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Bytes of a file, and their SHA-256.
        case file(FileDescriptor, Range<Int>, sha256: String)

        var count: Int {
            switch self {
            case .none: 0
            case .bytes(let bytes): bytes.count
            case .file(_, let range, _): range.count
            }
        }
    }

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: ByteBuffer
    }

    /// - Parameters:
    ///   - key: behind the prefix; nil for the bucket itself.
    ///   - query: percent-encoded.
    ///   - accepted: statuses that are no error beside 200 to 299.
    /// - Throws: `UpstreamFailure`, `CancellationError`.
    func send(
        _ method: String, _ key: String?, query: String = "", headers: HTTPFields = [:], body: Body = .none, accepting accepted: [Int] = []
    ) async throws -> Answer {
        let response = try await execute(method, key, query: query, headers: headers, body: body, accepting: accepted)
        let bytes = try await attempt { try await response.body.collect(upTo: Self.maximumAnswer) }
        return Answer(status: Int(response.status.code), headers: response.headers, body: bytes)
    }

    /// The same with an answer whose body is still to be read.
    func execute(
        _ method: String, _ key: String?, query: String = "", headers: HTTPFields = [:], body: Body = .none, accepting accepted: [Int] = []
    ) async throws -> HTTPClientResponse {
        var signed = configuration.endpoint.request(
            method, bucket: configuration.bucket, key: key.map { configuration.prefix + $0 } ?? "", query: query)
        signed.headers = headers
        signer.sign(&signed, payload: payload(of: body), now: Date())
        var request = HTTPClientRequest(url: configuration.endpoint.url(of: signed))
        request.method = HTTPMethod(rawValue: method)
        for field in signed.headers { request.headers.add(name: field.name.rawName, value: field.value) }
        switch body {
        case .none: break
        case .bytes(let bytes): request.body = .bytes(bytes)
        case .file(let file, let range, _):
            request.body = .stream(FileBytes(file: file, range: range), length: .known(Int64(range.count)))
        }
        let limit = configuration.timeout + .seconds(body.count / Self.slowestUpload)
        let response = try await attempt { [request] in
            try await self.client.execute(request, deadline: .now() + TimeAmount(limit))
        }
        let status = Int(response.status.code)
        guard (200...299).contains(status) || accepted.contains(status) else { throw await Self.failure(response) }
        return response
    }

    private func payload(of body: Body) -> PayloadMode {
        switch body {
        case .none: .empty
        case .bytes(let bytes): .sha256(Hexadecimal.text(SHA256.hash(data: bytes)))
        case .file(_, _, let sha256): .sha256(sha256)
        }
    }

    /// What the connection fails with, as one kind of error.
    private func attempt<T: Sendable>(_ work: () async throws -> T) async throws -> T {
        do {
            return try await work()
        } catch let error as CancellationError {
            throw error
        } catch let error as ObjectStoreError {
            throw error
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw UpstreamFailure(transport: error)
        }
    }

    private static func failure(_ response: HTTPClientResponse) async -> UpstreamFailure {
        let status = Int(response.status.code)
        guard let body = try? await response.body.collect(upTo: 64 * 1024), let error = try? XMLElement(parsing: body),
            error.name == "Error"
        else { return .answer(status: status, code: response.status.reasonPhrase, message: "") }
        return failure(status, error)
    }

    /// - Parameter error: the element `Error` of an answer.
    static func failure(_ status: Int, _ error: XMLElement) -> UpstreamFailure {
        .answer(
            status: status, code: String(error["Code"]?.text.prefix(100) ?? ""), message: String(error["Message"]?.text.prefix(300) ?? ""))
    }
}

/// Bytes of a file in pieces, read as they are asked for; as often as they are.
struct FileBytes: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let file: FileDescriptor
    let range: Range<Int>
    private static let piece = 256 * 1024

    struct AsyncIterator: AsyncIteratorProtocol {
        let file: FileDescriptor
        var rest: Range<Int>

        mutating func next() async throws -> ByteBuffer? {
            guard !rest.isEmpty else { return nil }
            let count = Swift.min(FileBytes.piece, rest.count)
            let bytes = try await file.read(count, at: rest.lowerBound, threads: .singleton)
            rest = rest.lowerBound + count..<rest.upperBound
            return bytes
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: file, rest: range) }
}
