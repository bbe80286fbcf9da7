import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A plain HTTP client for tests: a request in, a whole answer out.
public struct HTTPTestClient: Sendable {
    public struct Answer: Sendable {
        public let status: Int
        public let headers: HTTPHeaders
        public let body: Data

        public var text: String { String(decoding: body, as: UTF8.self) }
        /// The body as a JSON object; empty where it is none.
        public var json: [String: Any] { (try? JSONSerialization.jsonObject(with: body) as? [String: Any]) ?? [:] }
        public subscript(_ header: String) -> String? { headers.first(name: header) }
    }

    public let baseURL: String
    public let token: String?

    public init(_ baseURL: String, token: String? = nil) {
        self.baseURL = baseURL
        self.token = token
    }

    public init(_ server: AgrovetProcess) { self.init(server.baseURL, token: server.token) }

    /// The same server without credentials.
    public var anonymous: HTTPTestClient { HTTPTestClient(baseURL) }

    /// - Parameter path: a path, or a whole URL.
    public func request(
        _ method: HTTPMethod, _ path: String, headers: [String: String] = [:], body: Data? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: path.hasPrefix("http") ? path : baseURL + path)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.patient.execute(request, timeout: .seconds(180))
        let collected = try await response.body.collect(upTo: 512 * 1024 * 1024)
        return Answer(status: Int(response.status.code), headers: response.headers, body: Data(collected.readableBytesView))
    }

    public func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
        try await request(.GET, path, headers: headers)
    }

    /// Sends a JSON object.
    public func send(_ method: HTTPMethod, _ path: String, json: String) async throws -> Answer {
        try await request(method, path, headers: ["Content-Type": "application/json"], body: Data(json.utf8))
    }

    /// Uploads bytes as files of one form. With `Prefer: wait`, the answer's body is the record when it is settled, however long that
    /// takes: what the server waits by itself ends (setting wait-limit).
    public func upload(
        _ files: [(name: String, bytes: Data)], fields: [String: String] = [:], headers: [String: String] = [:]
    ) async throws -> Answer {
        let form = MultipartForm(files: files, fields: fields)
        let answer = try await request(
            .POST, "/api/media/", headers: headers.merging(["Content-Type": form.contentType]) { _, new in new }, body: form.body)
        guard headers["Prefer"]?.contains("wait=") == true, answer.json["status"] as? String == "processing",
            let id = answer.json["id"] as? String
        else { return answer }
        let settled = try await poll("/api/media/\(id)/") { $0.json["status"] as? String != "processing" }
        return Answer(status: answer.status, headers: answer.headers, body: settled.body)
    }

    /// Uploads a file of `samples/`.
    public func upload(sample: String, fields: [String: String] = [:], headers: [String: String] = [:]) async throws -> Answer {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Executables.sample(sample)))
        return try await upload([(sample, bytes)], fields: fields, headers: headers)
    }

    /// Asks until the answer satisfies, once every 50 ms, at most `limit`.
    public func poll(_ path: String, atMost limit: Duration = Patience.usual, until isDone: (Answer) -> Bool) async throws -> Answer {
        let deadline = ContinuousClock.now + limit
        while true {
            let answer = try await get(path)
            if isDone(answer) || ContinuousClock.now > deadline { return answer }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// A multipart/form-data body.
public struct MultipartForm: Sendable {
    public let contentType: String
    public let body: Data

    public init(files: [(name: String, bytes: Data)], fields: [String: String] = [:], boundary: String = "agrovet-test-boundary") {
        var body = Data()
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            body += Data("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        for file in files {
            body += Data("--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(file.name)\"\r\n".utf8)
            body += Data("Content-Type: application/octet-stream\r\n\r\n".utf8) + file.bytes + Data("\r\n".utf8)
        }
        body += Data("--\(boundary)--\r\n".utf8)
        self.body = body
        contentType = "multipart/form-data; boundary=\(boundary)"
    }
}
