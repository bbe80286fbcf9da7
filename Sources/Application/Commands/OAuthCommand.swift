import ArgumentParser
import AuthService
import Foundation
import WebAPI

/// `agrovet oauth client`: applications that act for users, or for themselves. Works on the data folder, also while the server runs.
struct OAuthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oauth", abstract: "Manage OAuth 2.0.", subcommands: [Client.self])

    struct Client: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "client", abstract: "Make, list and delete clients.", subcommands: [Add.self, List.self, Remove.self])
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Make a client and print its id and secret; the secret is shown this once.")
        @Option(name: .long, help: "Name, which users see when they are asked.")
        var name: String
        @Option(name: .long, help: "Address to go back to, compared as a text; may stand several times.")
        var redirect: [String] = []
        @Option(
            name: .long, help: "authorization_code, refresh_token, client_credentials, introspection; may stand several times.")
        var grant: [String] = ["authorization_code", "refresh_token"]
        @Option(name: .long, help: "Scope that it may ask for; may stand several times.")
        var scope: [String] = ["openid", "profile", "email"]
        @Flag(name: .long, help: "It cannot keep a secret: an app, or a page.")
        var `public` = false
        @OptionGroup var accounts: AccountsOptions

        func run() async throws {
            let grants = try grant.map { name in
                guard let grant = OAuthClient.Grant(rawValue: name) else {
                    throw ValidationError("--grant: \(OAuthClient.Grant.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                return grant
            }
            let (client, secret) = try await accounts.run("oauth client add") { core in
                try await core.addClient(
                    name: name, isConfidential: !`public`, redirectURIs: redirect, grants: Set(grants), scopes: scope)
            }
            print("id\t\(client.id)")
            if let secret { print("secret\t\(secret)") }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls", abstract: "List clients: id, name, kind, grants, scopes, addresses.")
        @OptionGroup var accounts: AccountsOptions

        func run() async throws {
            let clients = try await accounts.run("oauth client ls") { core in
                try await core.database.read { try OAuthClientTable.list(limit: 10_000, offset: 0, on: $0) }
            }
            for client in clients {
                print(
                    [
                        client.id, client.name, client.isConfidential ? "confidential" : "public",
                        client.grants.map(\.rawValue).sorted().joined(separator: " "), client.scopes.joined(separator: " "),
                        client.redirectURIs.joined(separator: " "),
                    ].joined(separator: "\t"))
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rm", abstract: "Delete a client; what it was given ends.")
        @Argument(help: "Id of the client, as ls prints it.")
        var id: String
        @OptionGroup var accounts: AccountsOptions

        func run() async throws {
            guard try await accounts.run("oauth client rm", { core in try await core.removeClient(id) }) else {
                Terminal.complain("agrovet oauth: there is no client \(id)")
                throw ExitCode.failure
            }
        }
    }
}
