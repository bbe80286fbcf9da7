import Foundation
import Persistence
import TestSupport
import Testing

@Suite struct CommandTests {
    @Test(arguments: SQLDialect.allCases)
    func accountsAreManagedFromTheCommandLine(_ dialect: SQLDialect) async throws {
        let url = dialect == .postgresql ? try await PostgreSQLServer.shared.makeDatabase() : nil
        let environment = url.map { ["AGROVET_DATABASE_URL": $0] } ?? [:]
        let server = try await AccountServer.start(dialect, database: url)
        func run(_ arguments: String...) async throws -> (status: Int32, output: String, errors: String) {
            try await server.run(arguments, environment: environment)
        }
        let created = try await run("user", "create", "ana", "--email", "ana@example.org", "--role", "specialist", "--role", "Consumer")
        #expect(created.status == 0, "\(created.errors)")
        let password = try #require(created.output.split(separator: "\n").last?.split(separator: "\t").last.map(String.init))
        #expect(try await server.login("ana@example.org", password).user["roles"] as? [String] == ["Consumer", "Specialist"])
        #expect(try await run("user", "create", "ANA").errors.contains("already exists"))
        #expect(try await run("user", "role", "ana", "Staff").status == 0)
        let list = try await run("user", "list", "--role", "staff").output.split(separator: "\n").map {
            $0.split(separator: "\t").map(String.init)
        }
        #expect(list.map { $0[1] } == ["admin", "ana"] && list[1][2] == "ana@example.org" && list[1][3] == "Staff")
        try "una cabra azul\n".write(toFile: server.folder.path + "/password", atomically: true, encoding: .utf8)
        #expect(try await run("user", "password", "ana", "--password-file", server.folder.path + "/password").output == "")
        #expect(try await server.login("ana", "una cabra azul").status == 200)
        #expect(try await run("user", "disable", "ana").status == 0)
        #expect(try await server.login("ana", "una cabra azul").status == 401)
        #expect(try await run("user", "enable", "ana").status == 0)
        #expect(try await server.login("ana", "una cabra azul").status == 200)
        #expect(try await run("user", "delete", "ana").status != 0, "it has to be said that it is meant")
        #expect(try await run("user", "delete", "ana", "--yes").status == 0)
        #expect(try await run("user", "disable", "ana").errors == "there is no account ana\n")
        #expect(try await run("user", "delete", "admin", "--yes").status != 0)
        await server.process.stop()
    }

    /// The export is made by the real Django, with a user model and hashes of its own.
    @Test func aDjangoInstallationMovesIn() async throws {
        let python = try await PythonEnvironment.interpreter(with: ["django==5.2.9", "argon2-cffi==25.1.0", "bcrypt==4.3.0"])
        let folder = try TemporaryFolder()
        let script = Executables.packageRoot + "/Tests/AuthServiceTests/Scripts/django_export.py"
        let exported = try await ChildProcess.run(python, [script, folder.path])
        try #require(exported.status == 0, "\(exported.errors)")
        let server = try await AccountServer.start()
        for round in 0..<2 {
            let result = try await server.run(["user", "import", folder.path + "/users.json"])
            #expect(result.status == 0, "\(result.errors)")
            let lines = result.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
            #expect(lines.map { $0[2] } == ["boss", "bcrypt", "argon2", "pbkdf2_sha256"])
            #expect(lines.allSatisfy { $0[0] == (round == 0 ? "created" : "kept") })
        }
        for name in ["bcrypt", "argon2", "pbkdf2_sha256"] {
            #expect(try await server.login(name, "vaca \(name) 1").status == 200, "\(name)")
            #expect(try await server.login("\(name)@example.org", "vaca \(name) 1").status == 200, "once more, by the address, anew hashed")
            #expect(try await server.login(name, "vaca").status == 401)
        }
        let boss = server.client(try await server.login("boss", "vaca boss 1").string("access"))
        #expect(try await boss.get("/api/auth/users/").status == 200)
        await server.process.stop()
    }
}
