import ArgumentParser
import AuthService
import Foundation
import Logging
import Persistence
import WebAPI

/// What commands about accounts share: they work on the data folder, also while the server runs.
struct AccountsOptions: ParsableArguments {
    @OptionGroup var options: SettingsOptions

    /// Opens the accounts for one command.
    func run<T: Sendable>(_ name: String, _ body: (AuthCore) async throws -> T) async throws -> T {
        let settings = try options.load()
        do {
            let folder = DataFolder(path: settings[SettingsCatalogue.data])
            try folder.create()
            let database = try Server(settings: settings).openDatabase("auth", folder, schema: "auth")
            try await Migrator.migrate(database, service: "auth", AuthService.migrations)
            // What ends is told by events, which the running server finds in the outbox.
            let service = try AuthService(
                database: database, settings: AuthSettings(settings), secret: try SecretFile(path: folder.authKey).value,
                ring: SigningKeyRing(settings, folder), issuer: TokenIssuer(settings[SettingsCatalogue.publicURL]),
                revocations: RevocationList(lifetime: 0), pages: PageSessions(secret: "", lifetime: 0), mail: MailSettings(settings),
                transport: MailFolder(path: folder.mail), metrics: MetricsRegistry(),
                logger: Logger(label: "agrovet") { _ in SwiftLogNoOpLogHandler() }, wakeRelay: {})
            try await service.prepare(token: try SecretFile(path: folder.apiToken).value)
            let result = try await body(service.core)
            await service.close()
            await database.close()
            return result
        } catch let error as APIError {
            let fields = error.fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.joined(separator: " "))" }
            Terminal.complain("agrovet \(name): \(fields.isEmpty ? error.detail : fields.joined(separator: "; "))")
            throw ExitCode.failure
        } catch let error as ValidationError {
            throw error
        } catch let code as ExitCode {
            throw code
        } catch {
            Terminal.complain("agrovet \(name): \(error)")
            throw ExitCode.failure
        }
    }

    /// - Throws: `ExitCode` where there is no account of that username or id.
    static func user(_ name: String, _ core: AuthCore) async throws -> User {
        let user = try await core.database.read { connection in
            try UserTable.find(username: name, on: connection) ?? UserTable.find(name, on: connection)
        }
        guard let user else {
            Terminal.complain("there is no account \(name)")
            throw ExitCode.failure
        }
        return user
    }

    /// Text of a file; `-` reads standard input.
    static func read(_ path: String, _ option: String) throws -> Data {
        let data = path == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: path)
        guard let data else { throw ValidationError("\(option): \(path) cannot be read") }
        return data
    }
}
