import ArgumentParser
import AuthService
import Foundation
import WebAPI

/// `agrovet key`: API keys of users. Works on the data folder, also while the server runs.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make, list and revoke API keys.", subcommands: [Add.self, List.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Make an API key and print it; it is shown this once.")
        @Option(name: .long, help: "Username or id of the account that the key stands for.")
        var user = User.firstID
        @Option(name: .long, help: "What the key is for.")
        var name: String
        @Option(name: .long, help: "Scope, such as media:write; may stand several times. admin may do all that the user may.")
        var scope: [String]
        @Option(name: .long, help: "Days that the key works; without it, until it is revoked.")
        var days: Int?
        @OptionGroup var accounts: AccountsOptions

        func run() async throws {
            guard let scopes = Scopes.parse(scope.joined(separator: " "), among: Scopes.all), !scopes.isEmpty else {
                throw ValidationError("--scope: the scopes are \(Scopes.all.joined(separator: ", "))")
            }
            guard (1...APIKey.nameLength).contains(name.count), days.map({ (1...36_500).contains($0) }) ?? true else {
                throw ValidationError("--name has 1 to \(APIKey.nameLength) characters, --days is 1 to 36500")
            }
            let (key, text) = try await accounts.run("key add") { core in
                let owner = try await AccountsOptions.user(user, core)
                return try await core.addKey(
                    of: owner.id, name: name, scopes: scopes, expires: days.map { core.now + Int64($0) * 86_400_000 })
            }
            print("id\t\(key.id)\nkey\t\(text)")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls", abstract: "List API keys: id, user, name, scopes, end, last use; without their secrets.")
        @Option(name: .long, help: "Username or id; without it, everybody's.")
        var user: String?
        @OptionGroup var accounts: AccountsOptions

        func run() async throws {
            let keys = try await accounts.run("key ls") { core in
                var owner: String?
                if let user { owner = try await AccountsOptions.user(user, core).id }
                let id = owner
                return try await core.database.read { try APIKeyTable.list(of: id, limit: 10_000, offset: 0, on: $0) }
            }
            func time(_ milliseconds: Int64?) -> String { milliseconds.map { Timestamp.text(milliseconds: $0) } ?? "-" }
            for key in keys {
                print(
                    [key.id, key.userID, key.name, key.scopes.joined(separator: " "), time(key.expires), time(key.lastUsed)]
                        .joined(separator: "\t"))
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm", abstract: "Revoke an API key; a running server refuses it within seconds (credential-recheck).")
        @Argument(help: "Id of the key, as ls prints it.")
        var id: String
        @OptionGroup var accounts: AccountsOptions

        func run() async throws {
            guard try await accounts.run("key rm", { core in try await core.removeKey(id, of: nil) }) else {
                Terminal.complain("agrovet key: there is no key \(id)")
                throw ExitCode.failure
            }
        }
    }
}

/// `agrovet keys`: the keys that sign tokens.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Manage the keys that sign tokens.", subcommands: [Rotate.self])

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate",
            abstract: "Make a new key, which signs tokens from now on; the old ones verify until what they signed has expired.")
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let settings = try options.load()
            do {
                let folder = DataFolder(path: settings[SettingsCatalogue.data])
                try folder.create()
                let ring = SigningKeyRing(settings, folder)
                try await ring.prepare()
                print(try await ring.rotate())
            } catch {
                Terminal.complain("agrovet keys: \(error)")
                throw ExitCode.failure
            }
        }
    }
}
