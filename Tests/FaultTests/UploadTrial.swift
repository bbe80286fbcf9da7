import Foundation
import TestSupport
import Testing

/// Uploads files that may be anything to a server, and says how each ended. Afterwards the server must be as it was: up, no descriptor,
/// process or file more than before.
struct UploadTrial {
    enum Ending: Equatable, CustomStringConvertible {
        case refused(code: String)
        case failed(code: String)
        /// `playback`: its status, and the reason where it failed; nil of a picture.
        case ready(playback: String?, reason: String?)
        /// What must not be.
        case wrong(String)

        var description: String {
            switch self {
            case .refused(let code): "refused as \(code)"
            case .failed(let code): "failed as \(code)"
            case .ready(let playback, let reason): "ready, playback \(playback ?? "none") \(reason ?? "")"
            case .wrong(let what): what
            }
        }
    }

    let server: AgrovetProcess
    let client: HTTPTestClient
    private let socketsBefore: Int

    static func start(environment: [String: String] = [:]) async throws -> UploadTrial {
        let server = try await AgrovetProcess.start(environment: environment)
        let trial = UploadTrial(server: server, client: HTTPTestClient(server), socketsBefore: 0)
        // What is opened once, at the first upload, is no leak.
        for sample in ["photo.jpg", "video.webm"] {
            _ = try await trial.ending(of: sample, try Data(contentsOf: URL(fileURLWithPath: Executables.sample(sample))))
        }
        return UploadTrial(server: server, client: trial.client, socketsBefore: trial.sockets)
    }

    /// Uploads one file and waits until nothing more happens to it.
    func ending(of name: String, _ bytes: Data) async throws -> Ending {
        let answer = try await client.upload([(name, bytes)])
        guard answer.status == 201 else {
            let reason = (answer.json["file"] as? [String])?.first ?? ""
            guard (400..<500).contains(answer.status), Self.isForPeople(reason), let code = answer["X-Error-Code"] else {
                return .wrong("\(answer.status) \(answer.text)")
            }
            return .refused(code: code)
        }
        guard let id = answer.json["id"] as? String else { return .wrong("201 without an id: \(answer.text)") }
        let record = try await client.poll("/api/media/\(id)/", atMost: .seconds(300)) { answer in
            let playback = answer.json["playback"] as? [String: Any]
            let isPlayed = answer.json["status"] as? String != "ready" || playback?["status"] as? String != "processing"
            return answer.json["status"] as? String != "processing" && isPlayed
        }
        switch record.json["status"] as? String {
        case "ready":
            let playback = record.json["playback"] as? [String: Any]
            let status = playback?["status"] as? String
            let error = playback?["error"] as? [String: Any]
            let reason = error?["code"] as? String
            let isTold = reason != nil && Self.isForPeople(error?["message"] as? String ?? "")
            if status == "processing" || (status == "failed" && !isTold) { return .wrong("playback: \(record.text)") }
            return .ready(playback: status, reason: reason)
        case "failed":
            guard let error = record.json["error"] as? [String: Any], let code = error["code"] as? String,
                Self.isForPeople(error["message"] as? String ?? "")
            else { return .wrong("failed without a reason for people: \(record.text)") }
            return .failed(code: code)
        default: return .wrong("not settled: \(record.text)")
        }
    }

    /// Whether a reason is one sentence, and none of a library's.
    private static func isForPeople(_ reason: String) -> Bool {
        reason.hasSuffix(".") && !reason.hasSuffix("..") && !reason.contains { $0.isNewline }
            && !["FFmpeg", "patches welcome", "processing input", "opened for read"].contains { reason.contains($0) }
    }

    /// Checks that nothing is left behind, and stops the server.
    func end(_ comment: Comment? = nil) async throws {
        // Connections that are kept open between two requests come and go.
        try await waitFor { leakedFiles.isEmpty && sockets <= socketsBefore + 12 }
        #expect(leakedFiles.isEmpty)
        #expect(sockets <= socketsBefore + 12, "sockets: \(socketsBefore) before")
        #expect(try await server.lastingTemporaryFiles() == [])
        let workers = try await children()
        // Two that render, one that reads headers, one that writes a video.
        #expect(workers.count <= 4, "processes: \(workers)")
        #expect(try await client.get("/health/ready/").status == 200)
        #expect(!server.log.contains("\"level\":\"error\""), "\(server.log.split(separator: "\n").filter { $0.contains("\"error\"") })")
        #expect(await server.stop() == 0)
    }

    private var sockets: Int { server.openFiles.count { $0.hasPrefix("socket:") } }

    /// Files that only an upload or a job has open. Databases open further readers when they are asked by many at once.
    private var leakedFiles: [String] {
        server.openFiles.filter { file in
            ["/objects/", "/tmp/", "/cache/"].contains { file.hasPrefix(server.dataFolder + $0) } && !file.hasSuffix("/.lock")
        }
    }

    private func children() async throws -> [Substring] {
        try await ChildProcess.run("pgrep", ["-P", "\(server.processID)"]).output.split(separator: "\n")
    }

    private func waitFor(_ isDone: () -> Bool) async throws {
        let deadline = ContinuousClock.now + Patience.usual
        while !isDone(), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(50)) }
    }
}
