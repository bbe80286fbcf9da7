import Foundation
import TestSupport

/// The services of a town: all in one process, or each in its own on one data folder; on SQLite, or on PostgreSQL with a schema a service.
final class Town: Sendable {
    enum Houses: String, CaseIterable, Sendable {
        case oneProcess
        case aProcessEach
        case oneProcessOnPostgreSQL
        case aProcessEachOnPostgreSQL

        var areApart: Bool { self == .aProcessEach || self == .aProcessEachOnPostgreSQL }
        var areOnPostgreSQL: Bool { self == .oneProcessOnPostgreSQL || self == .aProcessEachOnPostgreSQL }
    }

    let auth: AgrovetProcess
    let media: AgrovetProcess
    let profiles: AgrovetProcess
    let market: AgrovetProcess
    private let folder: TemporaryFolder

    private init(
        auth: AgrovetProcess, media: AgrovetProcess, profiles: AgrovetProcess, market: AgrovetProcess, folder: TemporaryFolder
    ) {
        self.auth = auth
        self.media = media
        self.profiles = profiles
        self.market = market
        self.folder = folder
    }

    /// - Parameter arguments: of every server, beside those of its place.
    static func start(_ houses: Houses, arguments: [String] = []) async throws -> Town {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        let environment =
            houses.areOnPostgreSQL ? ["AGROVET_DATABASE_URL": try await PostgreSQLServer.shared.makeDatabase()] : [:]
        // Many people sign up from one address here.
        let open = ["--set", "throttle-anonymous=", "--set", "throttle-user="] + arguments
        func house(_ arguments: [String]) async throws -> AgrovetProcess {
            try await AgrovetProcess.start(arguments: open + arguments, environment: environment, dataFolder: data)
        }
        guard houses.areApart else {
            let server = try await house([])
            return Town(auth: server, media: server, profiles: server, market: server, folder: folder)
        }
        let auth = try await house(["--set", "services=auth", "--set", "s3=false"])
        let client = try await ChildProcess.run(
            Executables.agrovet, ["oauth", "client", "add", "--name", "services", "--grant", "introspection", "--data", data],
            environment: environment)
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
        let media = try await house(access + ["--set", "services=media"])
        let others = access + ["--set", "s3=false", "--set", "media-url=\(media.baseURL)"]
        let profiles = try await house(others + ["--set", "services=profiles"])
        let market = try await house(others + ["--set", "services=marketplace"])
        return Town(auth: auth, media: media, profiles: profiles, market: market, folder: folder)
    }

    func stop() async {
        await market.stop()
        for house in [profiles, media, auth] where house.processID != market.processID { await house.stop() }
    }

    /// Who runs the place.
    var staff: Citizen { Citizen(id: "", name: "admin", town: self, token: auth.token) }

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

    /// What `Town.register` gave them.
    var password: String { "un caballo muy \(name) 27" }

    var auth: HTTPTestClient { HTTPTestClient(town.auth.baseURL, token: token) }
    var media: HTTPTestClient { HTTPTestClient(town.media.baseURL, token: token) }
    var profiles: HTTPTestClient { HTTPTestClient(town.profiles.baseURL, token: token) }
    var market: HTTPTestClient { HTTPTestClient(town.market.baseURL, token: token) }

    func buy(_ add: String, key: String, _ json: String = "{}") async throws -> HTTPTestClient.Answer {
        try await market.request(
            .POST, "/api/adds/\(add)/purchase/", headers: ["Content-Type": "application/json", "Idempotency-Key": key],
            body: Data(json.utf8))
    }
}
