import Foundation
import Persistence
import TestSupport

/// A real server whose passwords cost little, with the letters that it has written.
struct AccountServer: Sendable {
    let process: AgrovetProcess
    let folder: TemporaryFolder

    static let password = "correcto caballo 9"

    static let cheap = [
        "AGROVET_PASSWORD_MEMORY": "64KiB", "AGROVET_PASSWORD_PASSES": "1", "AGROVET_SIGN_IN_FAILURE_TIME": "0",
        "AGROVET_THROTTLE_ANONYMOUS": "", "AGROVET_S3": "false",
    ]

    /// - Parameter folder: an existing one to go on with.
    static func start(
        _ dialect: SQLDialect = .sqlite, folder: TemporaryFolder? = nil, environment: [String: String] = [:], database: String? = nil
    ) async throws -> AccountServer {
        let folder = try folder ?? TemporaryFolder()
        var variables = cheap.merging(environment) { $1 }
        if let database {
            variables["AGROVET_DATABASE_URL"] = database
        } else if dialect == .postgresql {
            variables["AGROVET_DATABASE_URL"] = try await PostgreSQLServer.shared.makeDatabase()
        }
        let process = try await AgrovetProcess.start(environment: variables, dataFolder: folder.path + "/storage")
        return AccountServer(process: process, folder: folder)
    }

    /// Nobody's.
    var anonymous: HTTPTestClient { HTTPTestClient(process.baseURL) }
    /// With the data folder's key.
    var admin: HTTPTestClient { HTTPTestClient(process) }

    func client(_ token: String?) -> HTTPTestClient { HTTPTestClient(process.baseURL, token: token) }

    func register(_ username: String, email: String = "", language: String = "") async throws -> HTTPTestClient.Answer {
        let body = #"{"username":"\#(username)","email":"\#(email)","password":"\#(Self.password)"}"#
        return try await anonymous.request(
            .POST, "/api/auth/register/", headers: ["Content-Type": "application/json", "Accept-Language": language], body: Data(body.utf8))
    }

    func login(_ username: String, _ password: String = AccountServer.password, more: String = "") async throws -> HTTPTestClient.Answer {
        try await anonymous.send(.POST, "/api/auth/login/", json: #"{"username":"\#(username)","password":"\#(password)"\#(more)}"#)
    }

    /// Runs a command on the data folder, beside the server.
    func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> (status: Int32, output: String, errors: String) {
        try await ChildProcess.run(
            Executables.agrovet, arguments + ["--data", folder.path + "/storage"],
            environment: ["AGROVET_PASSWORD_MEMORY": "64KiB", "AGROVET_PASSWORD_PASSES": "1"].merging(environment) { $1 })
    }

    /// The letters so far, as Python's own parser reads them, oldest first; waits until there are as many.
    func letters(atLeast count: Int) async throws -> [[String: String]] {
        let mail = folder.path + "/storage/mail"
        let deadline = ContinuousClock.now + Patience.usual
        var names: [String] = []
        while ContinuousClock.now < deadline {
            names = ((try? FileManager.default.contentsOfDirectory(atPath: mail)) ?? []).filter { $0.hasSuffix(".eml") }.sorted()
            if names.count >= count { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        var letters: [[String: String]] = []
        for name in names {
            let script = Executables.packageRoot + "/Tests/AuthServiceTests/Scripts/read_mail.py"
            let result = try await ChildProcess.run("python3", [script, mail + "/" + name])
            letters.append((try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: String]) ?? [:])
        }
        return letters
    }

    /// The secret behind a link's mark, such as `#reset=`.
    static func secret(_ letter: [String: String]?, _ mark: String) -> String? {
        guard let body = letter?["body"], let range = body.range(of: mark) else { return nil }
        return String(body[range.upperBound...].prefix { !$0.isWhitespace })
    }
}

extension HTTPTestClient.Answer {
    func string(_ name: String) -> String { json[name] as? String ?? "" }
    var user: [String: Any] { json["user"] as? [String: Any] ?? [:] }
}
