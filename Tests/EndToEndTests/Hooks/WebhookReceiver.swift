import Foundation
import TestSupport

/// `receiver.py` as a process of its own.
final class WebhookReceiver: Sendable {
    /// One request that it got.
    struct Message: Sendable {
        let behaviour: String
        let method: String
        /// What it answered.
        let status: Int
        /// The secrets that the public library accepted the signature with.
        let verified: [String]
        /// Seconds since 1970.
        let at: Double
        let headers: [String: String]
        let body: String

        var id: String { headers["webhook-id"] ?? "" }
        var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) ?? [:] }
        var data: [String: Any] { json["data"] as? [String: Any] ?? [:] }
        var type: String { json["type"] as? String ?? "" }
    }

    static let shared = Task { try await WebhookReceiver.start() }

    private let folder: TemporaryFolder
    private let server: PythonServer

    var port: Int { server.port }

    /// - Parameters:
    ///   - port: 0 for a free one.
    ///   - folder: of a receiver before it, to go on with its log.
    static func start(port: Int = 0, folder: TemporaryFolder? = nil) async throws -> WebhookReceiver {
        let python = try await PythonEnvironment.interpreter(with: ["standardwebhooks==1.1.0"])
        let folder = try folder ?? TemporaryFolder()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/receiver.py"
        let server = try await PythonServer.start(script, ["\(port)", folder.path + "/log"], python: python, folder: folder)
        return WebhookReceiver(folder: folder, server: server)
    }

    private init(folder: TemporaryFolder, server: PythonServer) {
        self.folder = folder
        self.server = server
    }

    /// The same receiver with the same port and log, after `stop`.
    func again() async throws -> WebhookReceiver { try await Self.start(port: port, folder: folder) }

    func stop() async { await server.stop() }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

    /// Tells what the messages to `name` are to be verified with.
    func expect(_ secrets: [String], at name: String) async throws {
        let body = try JSONSerialization.data(withJSONObject: secrets)
        _ = try await HTTPTestClient("http://127.0.0.1:\(port)").request(.PUT, "/\(name)", body: body)
    }

    /// What came to `name`, in order.
    func messages(_ name: String) -> [Message] {
        let text = (try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            guard let json = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], json["name"] as? String == name
            else { return nil }
            return Message(
                behaviour: json["behaviour"] as? String ?? "", method: json["method"] as? String ?? "", status: json["status"] as? Int ?? 0,
                verified: json["verified"] as? [String] ?? [], at: json["at"] as? Double ?? 0,
                headers: json["headers"] as? [String: String] ?? [:], body: json["body"] as? String ?? "")
        }
    }

    /// Waits until what came satisfies; what came then, or after `limit`.
    func messages(_ name: String, atMost limit: Duration = Patience.usual, until isDone: ([Message]) -> Bool) async throws -> [Message] {
        let deadline = ContinuousClock.now + limit
        while true {
            let messages = messages(name)
            if isDone(messages) || ContinuousClock.now > deadline { return messages }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
