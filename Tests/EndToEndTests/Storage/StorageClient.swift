import Foundation
import TestSupport
import Testing

/// `/api/storage/` as a program uses it, in a bucket of the test's own.
struct StorageClient: Sendable {
    let server: AgrovetProcess
    let client: HTTPTestClient
    let bucket: String

    /// A bucket with a name that no other test has, on the server that tests share.
    static func open(_ more: String = "") async throws -> StorageClient {
        let server = try await SharedServer.process
        let name = "console-\(UUID().uuidString.lowercased())"
        let storage = StorageClient(server: server, client: HTTPTestClient(server), bucket: name)
        let answer = try await storage.client.send(.POST, "/api/storage/buckets/", json: "{\"name\": \"\(name)\"\(more)}")
        try #require(answer.status == 201, "\(answer.text)")
        return storage
    }

    /// The S3 endpoint, with root's key.
    var s3: S3TestClient { S3TestClient(server) }

    /// An address of the bucket's.
    func path(_ rest: String = "", _ query: [(String, String)] = []) -> String {
        let allowed = CharacterSet.alphanumerics
        let text = query.map { "\($0.0)=\($0.1.addingPercentEncoding(withAllowedCharacters: allowed)!)" }.joined(separator: "&")
        return "/api/storage/buckets/\(bucket)/\(rest)" + (text.isEmpty ? "" : "?" + text)
    }

    @discardableResult
    func put(_ key: String, _ bytes: Data, type: String = "application/octet-stream") async throws -> HTTPTestClient.Answer {
        let answer = try await client.request(.PUT, path("content/", [("key", key)]), headers: ["Content-Type": type], body: bytes)
        #expect(answer.status == 201, "\(answer.text)")
        return answer
    }

    func get(_ key: String, _ more: [(String, String)] = [], headers: [String: String] = [:]) async throws -> HTTPTestClient.Answer {
        try await client.get(path("content/", [("key", key)] + more), headers: headers)
    }

    /// Keys and folders of a list.
    func list(_ query: [(String, String)] = []) async throws -> (keys: [String], folders: [String]) {
        let json = try await client.get(path("objects/", query)).json
        let results = json["results"] as? [[String: Any]] ?? []
        return (results.compactMap { $0["key"] as? String }, json["folders"] as? [String] ?? [])
    }

    /// The versions of a key, newest first.
    func versions(_ key: String) async throws -> [[String: Any]] {
        try await client.get(path("versions/", [("key", key)])).json["results"] as? [[String: Any]] ?? []
    }
}

/// A JSON text of any value.
func jsonText(_ value: Any) -> String {
    String(decoding: (try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed])) ?? Data(), as: UTF8.self)
}
