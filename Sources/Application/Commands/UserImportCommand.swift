import ArgumentParser
import AuthService
import Foundation

/// `agrovet user import`: accounts of a Django installation, or of a table.
struct UserImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take accounts in from Django's dumpdata (JSON) or from CSV.",
        discussion: """
            Prints a line for each account: what became of it (created, adopted, kept, refused), the key it had, its username, its id, and
            what a person should know. Passwords go on working: hashes of pbkdf2_sha256, argon2 and bcrypt are verified, and written anew at
            the next sign-in. An import that is run again changes nothing.
            """)

    @Argument(help: "File of `manage.py dumpdata auth.user`, or CSV with a line of column names; - reads standard input.")
    var file: String
    @Flag(name: .long, help: "Do not take e-mail addresses for confirmed.")
    var unconfirmedEmails = false
    @Flag(name: .long, help: "Only say what would be done.")
    var dryRun = false
    @OptionGroup var accounts: AccountsOptions

    func run() async throws {
        let data = try AccountsOptions.read(file, "file")
        let outcomes = try await accounts.run("user import") { core in
            try await core.importUsers(try ImportedUser.parse(data), areEmailsVerified: !unconfirmedEmails, isTrial: dryRun)
        }
        for outcome in outcomes {
            let fields = [outcome.result.rawValue, outcome.key, outcome.username, outcome.id, outcome.remark]
            print(fields.map { $0.isEmpty ? "-" : $0 }.joined(separator: "\t"))
        }
        if outcomes.contains(where: { $0.result == .refused }) { throw ExitCode.failure }
    }
}
