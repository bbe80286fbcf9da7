import Foundation
import TestSupport

/// The services of a town: all in one process, or each in its own on one data folder.
final class Town: Sendable {
    enum Houses: String, CaseIterable, Sendable {
        case oneProcess
        case aProcessEach
    }

    let auth: AgrovetProcess
    let media: AgrovetProcess
    let market: AgrovetProcess
    private let folder: TemporaryFolder

    private init(auth: AgrovetProcess, media: AgrovetProcess, market: AgrovetProcess, folder: TemporaryFolder) {
        self.auth = auth
        self.media = media
        self.market = market
        self.folder = folder
    }

    static func start(_ houses: Houses) async throws -> Town {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        // Many people sign up from one address here.
        let open = ["--set", "throttle-anonymous=", "--set", "throttle-user="]
        guard houses == .aProcessEach else {
            let server = try await AgrovetProcess.start(arguments: open + Self.manyAccounts, dataFolder: data)
            return Town(auth: server, media: server, market: server, folder: folder)
        }
        let auth = try await AgrovetProcess.start(
            arguments: open + Self.manyAccounts + ["--set", "services=auth", "--set", "s3=false"], dataFolder: data)
        let client = try await ChildProcess.run(
            Executables.agrovet, ["oauth", "client", "add", "--name", "services", "--grant", "introspection", "--data", data])
        func value(_ name: String) throws -> String {
            for line in client.output.split(separator: "\n") where line.hasPrefix(name + "\t") {
                return String(line.dropFirst(name.count + 1))
            }
            throw AgrovetProcess.Failure(description: "agrovet oauth client add: no \(name) in \(client.output) \(client.errors)")
        }
        let access = [
            "--set", "auth-url=\(auth.baseURL)", "--set", "auth-client=\(try value("id"))", "--set",
            "auth-secret=\(try value("secret"))",
        ]
        let media = try await AgrovetProcess.start(arguments: open + access + ["--set", "services=media"], dataFolder: data)
        let market = try await AgrovetProcess.start(
            arguments: open + access + ["--set", "services=marketplace", "--set", "s3=false", "--set", "media-url=\(media.baseURL)"],
            dataFolder: data)
        return Town(auth: auth, media: media, market: market, folder: folder)
    }

    private static let manyAccounts: [String] = []

    func stop() async {
        await market.stop()
        if media.processID != market.processID { await media.stop() }
        if auth.processID != market.processID { await auth.stop() }
    }

    /// Registers somebody.
    func register(_ name: String, role: String) async throws -> Citizen {
        let answer = try await HTTPTestClient(auth.baseURL).send(
            .POST, "/api/auth/register/",
            json: #"{"username":"\#(name)","password":"un caballo muy \#(name) 27","email":"\#(name)@example.org","role":"\#(role)"}"#)
        guard answer.status == 201, let token = answer.json["access"] as? String, let user = answer.json["user"] as? [String: Any],
            let id = user["id"] as? String
        else { throw AgrovetProcess.Failure(description: "register: \(answer.status) \(answer.text)") }
        return Citizen(id: id, name: name, town: self, token: token)
    }
}

/// Somebody with an account.
struct Citizen: Sendable {
    let id: String
    let name: String
    let town: Town
    let token: String

    var auth: HTTPTestClient { HTTPTestClient(town.auth.baseURL, token: token) }
    var media: HTTPTestClient { HTTPTestClient(town.media.baseURL, token: token) }
    var market: HTTPTestClient { HTTPTestClient(town.market.baseURL, token: token) }

    func buy(_ add: String, key: String, _ json: String = "{}") async throws -> HTTPTestClient.Answer {
        try await market.request(
            .POST, "/api/adds/\(add)/purchase/", headers: ["Content-Type": "application/json", "Idempotency-Key": key],
            body: Data(json.utf8))
    }
}
