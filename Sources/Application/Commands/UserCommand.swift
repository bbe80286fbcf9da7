import ArgumentParser
import AuthService
import Foundation
import Persistence
import WebAPI

/// `agrovet user`: accounts (docs/AUTH.md). Works on the data folder, also while the server runs.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Manage accounts.",
        subcommands: [
            Create.self, List.self, SetRoles.self, Disable.self, Enable.self, Delete.self, Password.self, UserImportCommand.self,
        ])

    /// A new password: from a file, or one that is made and printed.
    struct PasswordOptions: ParsableArguments {
        @Option(name: .long, help: "File with the password; - reads standard input. Without it one is made and printed.")
        var passwordFile: String?

        func password() throws -> (text: String, isMade: Bool) {
            guard let passwordFile else { return (String(SecretFile.random().prefix(20)), true) }
            let text = String(decoding: try AccountsOptions.read(passwordFile, "--password-file"), as: UTF8.self)
            return (text.trimmingCharacters(in: .newlines), false)
        }
    }

    static func roles(_ names: [String]) throws -> Set<Role> {
        Set(
            try names.map { name in
                guard let role = Role.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
                    throw ValidationError("\(name): the roles are \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                return role
            })
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "create", abstract: "Make an account and print its id.")
        @Argument(help: "Username.")
        var username: String
        @Option(name: .long, help: "E-mail address, which is taken for confirmed.")
        var email: String?
        @Option(name: .long, help: "Role; may stand several times.")
        var role: [String] = ["Consumer"]
        @Option(name: .long, help: "First name.")
        var firstName = ""
        @Option(name: .long, help: "Last name.")
        var lastName = ""
        @OptionGroup var password: PasswordOptions
        @OptionGroup var accounts: AccountsOptions

        func run() async throws {
            let roles = try UserCommand.roles(role)
            let (text, isMade) = try password.password()
            let name = Username.normalized(username)
            if let problem = Username.problem(name) { throw ValidationError("\(username): \(problem)") }
            if let email, !EmailAddress.isValid(email) { throw ValidationError("--email: \(email) is no e-mail address") }
            let id = try await accounts.run("user create") { core in
                var user = User(
                    id: UUIDv7.make(), username: name, email: email ?? "", isEmailVerified: email != nil, firstName: firstName,
                    lastName: lastName, roles: roles, created: core.now)
                try core.check(text, for: user, field: "password")
                user.password = try await core.hasher.hash(text)
                try await core.create(user)
                return user.id
            }
            print("id\t\(id)")
            if isMade { print("password\t\(text)") }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List accounts: id, username, e-mail, roles, state, last sign-in.")
        @Option(name: .long, help: "Role.")
        var role: String?
        @Option(name: .long, help: "Part of the username, the names or the e-mail address.")
        var search: String?
        @OptionGroup var accounts: AccountsOptions

        private static let page = 500

        func run() async throws {
            let filter = UserFilter(search: search, role: try role.flatMap { try UserCommand.roles([$0]).first })
            try await accounts.run("user list") { core in
                var offset = 0
                while true {
                    let from = offset
                    let users = try await core.database.read {
                        try UserTable.list(filter, ordering: "created, id", limit: Self.page, offset: from, on: $0)
                    }
                    for user in users {
                        let fields = [
                            user.id, user.username, user.email.isEmpty ? "-" : user.email + (user.isEmailVerified ? "" : " (unconfirmed)"),
                            user.sortedRoles.joined(separator: ","), user.isActive ? "active" : "disabled",
                            user.lastLogin.map { Timestamp.text(milliseconds: $0) } ?? "-",
                        ]
                        print(fields.joined(separator: "\t"))
                    }
                    if users.count < Self.page { return }
                    offset += Self.page
                }
            }
        }
    }

    struct SetRoles: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "role", abstract: "Set an account's roles.")
        @Argument(help: "Username or id.")
        var user: String
        @Argument(help: "Consumer, Specialist, Businessman, Staff; one or several.")
        var roles: [String]
        @OptionGroup var accounts: AccountsOptions

        func run() async throws {
            let roles = try UserCommand.roles(roles)
            guard !roles.isEmpty else { throw ValidationError("name one role at least") }
            try await accounts.run("user role") { core in
                let known = try await AccountsOptions.user(user, core)
                try await core.modify(known.id) { $0.roles = roles }
            }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable", abstract: "Let an account sign in no longer; its sessions end within seconds.")
        @Argument(help: "Username or id.")
        var user: String
        @OptionGroup var accounts: AccountsOptions

        func run() async throws {
            try await accounts.run("user disable") { core in
                let known = try await AccountsOptions.user(user, core)
                try await core.modify(known.id) { $0.isActive = false }
            }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "enable", abstract: "Let a disabled account sign in again.")
        @Argument(help: "Username or id.")
        var user: String
        @OptionGroup var accounts: AccountsOptions

        func run() async throws {
            try await accounts.run("user enable") { core in
                let known = try await AccountsOptions.user(user, core)
                try await core.modify(known.id) { $0.isActive = true }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete an account, with all that belongs to it.")
        @Argument(help: "Username or id.")
        var user: String
        @Flag(name: .long, help: "Say that this is meant.")
        var yes = false
        @OptionGroup var accounts: AccountsOptions

        func run() async throws {
            guard yes else { throw ValidationError("what is deleted is gone for good: say --yes") }
            try await accounts.run("user delete") { core in
                let known = try await AccountsOptions.user(user, core)
                try await core.change { connection, endings, time in
                    guard let user = try UserTable.find(known.id, on: connection) else { return }
                    try UserChanges.delete(user, &endings, now: time, on: connection)
                }
            }
        }
    }

    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "password", abstract: "Set an account's password; its sessions end.")
        @Argument(help: "Username or id.")
        var user: String
        @OptionGroup var password: PasswordOptions
        @OptionGroup var accounts: AccountsOptions

        func run() async throws {
            let (text, isMade) = try password.password()
            try await accounts.run("user password") { core in
                let known = try await AccountsOptions.user(user, core)
                try core.check(text, for: known, field: "password")
                let hash = try await core.hasher.hash(text)
                try await core.change { connection, endings, time in
                    guard var user = try UserTable.find(known.id, on: connection) else { return }
                    try UserChanges.setPassword(hash, of: &user, keeping: nil, &endings, core: core, now: time, on: connection)
                }
            }
            if isMade { print("password\t\(text)") }
        }
    }
}
