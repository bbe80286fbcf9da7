import AsyncHTTPClient
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import S3Wire

/// A plain S3 client for tests that want to see each answer: Signature Version 4, the content not signed.
public struct S3TestClient: Sendable {
    public let endpoint: String
    private let signer: S3Signer

    /// With the key that may do everything.
    public init(_ server: AgrovetProcess) { self.init(server, key: server.s3RootKey) }

    public init(_ server: AgrovetProcess, key: S3KeyPair) { self.init(server.s3URL, key: key) }

    /// - Parameter endpoint: such as `http://127.0.0.1:43211`.
    public init(_ endpoint: String, key: S3KeyPair) {
        self.endpoint = endpoint
        signer = S3Signer(accessKey: key.id, secretKey: key.secret, region: "us-east-1")
    }

    /// - Parameters:
    ///   - path: `bucket/key`, not percent-encoded.
    ///   - query: percent-encoded.
    public func request(
        _ method: HTTPMethod, _ path: String, query: String = "", headers: [String: String] = [:], body: Data? = nil,
        atMost limit: TimeAmount = .seconds(120)
    ) async throws -> HTTPTestClient.Answer {
        let encoded = "/" + S3Signer.encode(path: path)
        var signed = SignedRequest(
            method: method.rawValue, path: encoded, query: query, headers: [:], authority: String(endpoint.dropFirst("http://".count)))
        for (name, value) in headers { signed.headers[HTTPField.Name(name)!] = value }
        signer.sign(&signed, payload: .unsigned, now: Date())
        var request = HTTPClientRequest(url: endpoint + encoded + (query.isEmpty ? "" : "?" + query))
        request.method = method
        for field in signed.headers { request.headers.add(name: field.name.canonicalName, value: field.value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.patient.execute(request, timeout: limit)
        let collected = try await response.body.collect(upTo: 512 * 1024 * 1024)
        return HTTPTestClient.Answer(
            status: Int(response.status.code), headers: response.headers, body: Data(collected.readableBytesView))
    }

    @discardableResult
    public func put(_ path: String, _ content: Data, headers: [String: String] = [:]) async throws -> HTTPTestClient.Answer {
        try await request(.PUT, path, headers: headers, body: content)
    }

    public func get(_ path: String, query: String = "") async throws -> HTTPTestClient.Answer {
        try await request(.GET, path, query: query)
    }

    /// Every key of a bucket that begins with `prefix`.
    public func keys(of bucket: String, prefix: String = "") async throws -> [String] {
        var keys: [String] = []
        var token: String?
        repeat {
            let continuation = token.map { "continuation-token=\(S3Signer.encode(query: $0))&" } ?? ""
            let page = try await get(bucket, query: "\(continuation)list-type=2&prefix=\(S3Signer.encode(query: prefix))")
            guard page.status == 200 else { throw AgrovetProcess.Failure(description: "list: \(page.status) \(page.text)") }
            keys += page.values(of: "Key")
            token = page.values(of: "NextContinuationToken").first
        } while token != nil
        return keys
    }
}

extension HTTPTestClient.Answer {
    /// The texts of the elements of that name, of an answer in XML.
    public func values(of element: String) -> [String] {
        text.components(separatedBy: "<\(element)>").dropFirst().compactMap { rest in
            rest.range(of: "</\(element)>").map { String(rest[..<$0.lowerBound]) }
        }
    }

    /// The code of one of S3's errors.
    public var s3Code: String? { values(of: "Code").first }
}
