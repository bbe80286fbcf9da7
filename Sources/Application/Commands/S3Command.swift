import ArgumentParser
import Foundation
import Persistence
import S3Service
import WebAPI

/// `agrovet s3`: users, access keys and media buckets of the S3 endpoint (docs/S3.md). Works on the data folder, also while the server runs.
struct S3Command: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "s3", abstract: "Manage the S3 endpoint: access keys, media buckets.",
        subcommands: [Key.self, MediaBucketCommand.self])

    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "key", abstract: "Make, list and revoke access keys.", subcommands: [Add.self, List.self, Remove.self])
    }

    /// Opens the keys of a data folder for one command.
    static func withKeys<T>(_ options: SettingsOptions, _ body: (AccessKeyStore) async throws -> T) async throws -> T {
        let settings = try options.load()
        do {
            let folder = DataFolder(path: settings[SettingsCatalogue.data])
            try folder.create()
            let database = try Server(settings: settings).openDatabase("s3", folder)
            try await Migrator.migrate(database, service: "s3", S3Service.migrations)
            let keys = AccessKeyStore(
                database: database, secret: try SecretFile(path: folder.s3Key).value,
                root: try RootKeyFile.load(path: folder.s3RootKey))
            let result = try await body(keys)
            await database.close()
            return result
        } catch let error as ValidationError {
            throw error
        } catch {
            Terminal.complain("agrovet s3: \(error)")
            throw ExitCode.failure
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Make an access key and print it with its secret, which is shown this once.")
        @Option(name: .long, help: "Whom the key stands for; made where there is none of that name.")
        var user: String
        @Option(name: .long, help: "User's e-mail address, by which ACLs may name it.")
        var email: String?
        @Option(name: .long, help: "Access key of your own.")
        var accessKey: String?
        @Option(name: .long, help: "File with the secret key of your own; - reads standard input.")
        var secretKeyFile: String?
        @Option(name: .long, help: "File with a policy (JSON): what the key may do at most.")
        var policyFile: String?
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            guard (accessKey == nil) == (secretKeyFile == nil) else {
                throw ValidationError("--access-key and --secret-key-file go together")
            }
            let policy = try policyFile.map { try Self.read($0, "--policy-file") }
            if let policy, let problem = S3Service.problem(policy: policy) { throw ValidationError("--policy-file: \(problem)") }
            var key = AccessKey.make(user: user, policy: policy)
            if let accessKey, let secretKeyFile {
                let secret = try Self.read(secretKeyFile, "--secret-key-file").trimmingCharacters(in: .whitespacesAndNewlines)
                key = AccessKey(id: accessKey, secret: secret, user: user, policy: policy, created: key.created)
            }
            try await S3Command.withKeys(options) { try await $0.add(key, email: email) }
            print(RootKeyFile.text(id: key.id, secret: key.secret))
        }

        private static func read(_ path: String, _ option: String) throws -> String {
            let data = path == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: path)
            guard let data, let text = String(data: data, encoding: .utf8) else {
                throw ValidationError("\(option): \(path) cannot be read")
            }
            return text
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "ls", abstract: "List access keys, without their secrets.")
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            for key in try await S3Command.withKeys(options, { try await $0.all() }) {
                print("\(key.user)\t\(key.id)\t\(Timestamp.text(milliseconds: key.created))\t\(key.policy == nil ? "-" : "policy")")
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm", abstract: "Revoke an access key; a running server refuses it within a second.")
        @Argument(help: "Access key.")
        var accessKey: String
        @OptionGroup var options: SettingsOptions

        func run() async throws {
            guard try await S3Command.withKeys(options, { try await $0.remove(accessKey) }) else {
                Terminal.complain("agrovet s3: there is no access key \(accessKey)")
                throw ExitCode.failure
            }
        }
    }
}
