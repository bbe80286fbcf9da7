import Foundation
import NIOHTTP1

/// Single requests of tus 1.0, so that a test says each header itself.
public struct TusTestClient: Sendable {
    public let client: HTTPTestClient
    public static let path = "/api/media/uploads/"

    public init(_ client: HTTPTestClient) { self.client = client }
    public init(_ server: AgrovetProcess) { client = HTTPTestClient(server) }

    /// - Parameter headers: beside `Tus-Resumable`, which an empty value takes away.
    public func request(
        _ method: HTTPMethod, _ path: String = TusTestClient.path, _ headers: [String: String] = [:], body: Data? = nil
    ) async throws -> HTTPTestClient.Answer {
        let all = ["Tus-Resumable": "1.0.0"].merging(headers) { _, new in new }.filter { !$0.value.isEmpty }
        return try await client.request(method, path, headers: all, body: body)
    }

    /// Begins an upload; its address.
    public func create(length: Int, _ metadata: [String: String] = [:], _ headers: [String: String] = [:]) async throws -> String {
        var all = headers
        all["Upload-Length"] = "\(length)"
        if !metadata.isEmpty { all["Upload-Metadata"] = Self.metadata(metadata) }
        let answer = try await request(.POST, Self.path, all)
        guard answer.status == 201, let location = answer["Location"] else {
            throw AgrovetProcess.Failure(description: "creation answered \(answer.status) \(answer.text)")
        }
        return location
    }

    public func patch(
        _ url: String, at offset: Int, _ bytes: Data, _ headers: [String: String] = [:]
    ) async throws -> HTTPTestClient.Answer {
        let own = ["Upload-Offset": "\(offset)", "Content-Type": "application/offset+octet-stream"]
        return try await request(.PATCH, url, own.merging(headers) { _, new in new }, body: bytes)
    }

    /// The offset that HEAD tells; nil where it tells none.
    public func offset(of url: String) async throws -> Int? { try await request(.HEAD, url)["Upload-Offset"].flatMap { Int($0) } }

    public static func metadata(_ pairs: [String: String]) -> String {
        pairs.sorted { $0.key < $1.key }.map { "\($0.key) \(Data($0.value.utf8).base64EncodedString())" }.joined(separator: ",")
    }

    /// Opens a connection, and sends the head of a PATCH of `length` bytes and `bytes` of them.
    public func beginPatch(_ url: String, at offset: Int, length: Int, sending bytes: Data) throws -> RawSocket {
        guard let address = URL(string: url), let port = address.port, let token = client.token else {
            throw AgrovetProcess.Failure(description: "\(url) has no port")
        }
        let socket = try RawSocket(port: port)
        try socket.send(
            "PATCH \(address.path)/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nTus-Resumable: 1.0.0\r\n"
                + "Upload-Offset: \(offset)\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: \(length)\r\n\r\n")
        try socket.send(bytes)
        return socket
    }
}

/// Photos of any size.
public enum TestPhoto {
    /// `samples/photo.jpg` with bytes behind its picture's end, which no decoder minds: `size` bytes in all.
    public static func jpeg(size: Int, seed: UInt64 = 1) throws -> Data {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var filling = [UInt64](repeating: 0, count: max(0, size - bytes.count) / 8 + 1)
        for index in filling.indices {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            filling[index] = state
        }
        filling.withUnsafeBytes { bytes.append(contentsOf: $0) }
        return Data(bytes.prefix(size))
    }
}
