import Foundation
import Persistence
import TestSupport
import Testing

@Suite struct OAuthTests {
    /// Id and secret, as the command prints them.
    private func add(_ server: AccountServer, _ arguments: [String], _ environment: [String: String]) async throws -> (
        id: String, secret: String
    ) {
        let result = try await server.run(["oauth", "client", "add"] + arguments, environment: environment)
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        let values = Dictionary(uniqueKeysWithValues: lines.map { ($0[0], $0[1]) })
        return (values["id"] ?? "", values["secret"] ?? "")
    }

    /// authlib and PyJWT are others' idea of what the standards say.
    @Test(arguments: [(SQLDialect.sqlite, "EdDSA"), (.sqlite, "ES256"), (.postgresql, "RS256")])
    func clientsOfTheWorldGetAlong(_ dialect: SQLDialect, _ algorithm: String) async throws {
        let url = dialect == .postgresql ? try await PostgreSQLServer.shared.makeDatabase() : nil
        let server = try await AccountServer.start(
            dialect, environment: ["AGROVET_TOKEN_ALGORITHM": algorithm, "AGROVET_REFRESH_OVERLAP": "0"], database: url)
        let environment = url.map { ["AGROVET_DATABASE_URL": $0] } ?? [:]
        _ = try await server.register("ana", email: "ana@example.org")
        let redirect = ["--redirect", "https://app.example.org/back"]
        let scopes = ["openid", "profile", "email", "media:read"].flatMap { ["--scope", $0] }
        let grants = ["authorization_code", "refresh_token", "client_credentials"].flatMap { ["--grant", $0] }
        let confidential = try await add(server, ["--name", "An application"] + redirect + scopes + grants, environment)
        let publicClient = try await add(server, ["--name", "An app", "--public"] + redirect, environment)
        let service = try await add(server, ["--name", "A service", "--grant", "introspection"], environment)
        let python = try await PythonEnvironment.interpreter(with: ["authlib==1.6.5", "pyjwt[crypto]==2.10.1", "requests==2.32.5"])
        let script = Executables.packageRoot + "/Tests/AuthServiceTests/Scripts/oauth_client.py"
        let result = try await ChildProcess.run(
            python,
            [
                script, server.process.baseURL, "ana", AccountServer.password, confidential.id, confidential.secret, publicClient.id,
                service.id, service.secret,
            ])
        #expect(result.output == "all is well\n", "\(result.errors)")
        #expect(await server.process.stop() == 0)
        #expect(!server.process.log.contains("unexpected error"))
    }

    @Test func staffManageClients() async throws {
        let server = try await AccountServer.start()
        let made = try await server.admin.send(
            .POST, "/api/auth/clients/",
            json: #"{"name":"An app","redirect_uris":["https://app.example.org/back"],"grants":["authorization_code"],"scopes":["openid"]}"#
        )
        #expect(made.status == 201 && made.string("secret").count == 43, "\(made.text)")
        let listed = try await server.admin.get("/api/auth/clients/")
        #expect(listed.json["count"] as? Int == 1 && !listed.text.contains(made.string("secret")))
        let wrong = try await server.admin.send(
            .POST, "/api/auth/clients/", json: #"{"name":"x","redirect_uris":["http://app.example.org/"],"grants":["authorization_code"]}"#)
        #expect(wrong.json["redirect_uris"] as? [String] == ["Only https:// is taken, but for localhost."])
        let ana = server.client(try await server.register("ana").string("access"))
        #expect(try await ana.get("/api/auth/clients/").status == 403)
        #expect(try await server.admin.request(.DELETE, "/api/auth/clients/\(made.string("id"))/").status == 204)
        #expect(try await server.run(["oauth", "client", "ls"]).output == "")
        await server.process.stop()
    }

    /// A service in a process of its own knows who asks by the public keys, and by asking.
    @Test func aProcessWithoutAccountsTellsWhoAsks() async throws {
        let server = try await AccountServer.start(environment: ["AGROVET_SERVICES": "auth"])
        let service = try await add(server, ["--name", "media", "--grant", "introspection"], [:])
        let environment = AccountServer.cheap.merging([
            "AGROVET_SERVICES": "media", "AGROVET_AUTH_URL": server.process.baseURL, "AGROVET_AUTH_CLIENT": service.id,
            "AGROVET_AUTH_SECRET": service.secret, "AGROVET_CREDENTIAL_RECHECK": "24h", "AGROVET_AUTH_TIMEOUT": "120s",
        ]) { $1 }
        let media = try await AgrovetProcess.start(environment: environment, dataFolder: server.process.dataFolder)
        let token = try await server.register("ana").string("access")
        let ana = HTTPTestClient(media.baseURL, token: token)
        #expect(try await ana.get("/api/media/?visibility=private").status == 200)
        #expect(try await ana.get("/api/auth/me/").status == 404, "it serves no accounts")
        let uploaded = try await ana.upload(sample: "photo.jpg")
        #expect(uploaded.status == 201)
        let id = try await server.client(token).get("/api/auth/me/").string("id")
        #expect(uploaded.string("owner") == id)
        let key = HTTPTestClient(media.baseURL, token: server.process.token)
        #expect(try await key.upload(sample: "photo.jpg").string("owner") == "admin", "an API key is asked about")
        let cookie =
            try await server.anonymous.send(
                .POST, "/api/session/", json: #"{"username":"ana","password":"\#(AccountServer.password)"}"#)["Set-Cookie"] ?? ""
        let page = try await HTTPTestClient(media.baseURL).get(
            "/api/media/?visibility=private", headers: ["Cookie": String(cookie.prefix { $0 != ";" })])
        let count = try await ana.get("/api/media/?visibility=private").json["count"] as? Int
        #expect(page.status == 200 && page.json["count"] as? Int == count)
        #expect(try await HTTPTestClient(media.baseURL, token: "agv_made_up").get("/api/media/").status == 401)
        // What ends there is heard of here, by the events.
        let ended = HTTPTestClient(media.baseURL, token: try await server.login("ana").string("access"))
        #expect(try await ended.get("/api/media/?visibility=private").status == 200)
        #expect(try await server.client(ended.token).send(.POST, "/api/auth/logout/", json: "{}").status == 204)
        #expect(try await ended.poll("/api/media/") { $0.status == 401 }.status == 401)
        // A key that is new to it is fetched, once it meets it.
        _ = try await server.run(["keys", "rotate"])
        try await Task.sleep(for: .seconds(11))
        let fresh = try await server.login("ana").string("access")
        #expect(try await HTTPTestClient(media.baseURL, token: fresh).get("/api/media/").status == 200)
        // Without the auth service tokens still work, and what has to be asked about cannot be told.
        await server.process.stop()
        #expect(try await HTTPTestClient(media.baseURL, token: fresh).get("/api/media/").status == 200)
        #expect(try await HTTPTestClient(media.baseURL, token: "agv_other").get("/api/media/").status == 503)
        await media.stop()
    }

    @Test func aProcessThatCannotTellWhoAsksDoesNotStart() async throws {
        await #expect(throws: AgrovetProcess.Failure.self) {
            try await AgrovetProcess.start(environment: ["AGROVET_SERVICES": "media", "AGROVET_S3": "false"])
        }
    }
}
