import ArgumentParser
import Foundation
import NIOCore
import Persistence

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the server until SIGINT or SIGTERM.")

    @Option(name: .long, help: "Address to listen on.")
    var host: String?

    @Option(name: .long, help: "TCP port; 0 picks a free one.")
    var port: Int?

    @Option(name: .customLong("s3-port"), help: "TCP port of the S3 protocol; 0 picks a free one.")
    var s3Port: Int?

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.load([
            SettingsCatalogue.host.key: host, SettingsCatalogue.port.key: port.map(String.init),
            SettingsCatalogue.s3Port.key: s3Port.map(String.init),
        ])
        do {
            try await Server(settings: settings).run()
        } catch {
            Terminal.complain("agrovet serve: \(Self.reason(error, settings))")
            throw ExitCode.failure
        }
    }

    /// Why the server could not start or go on, for the person who started it.
    private static func reason(_ error: any Error, _ settings: Settings) -> String {
        if let error = error as? IOError {
            let ports =
                "\(settings[SettingsCatalogue.port])" + (settings[SettingsCatalogue.s3] ? " and \(settings[SettingsCatalogue.s3Port])" : "")
            return "cannot listen on \(settings[SettingsCatalogue.host]), ports \(ports): "
                + "\(String(cString: strerror(error.errnoCode))) (settings host, port and s3-port)"
        }
        if error is SocketAddressError || error is SocketAddressError.UnknownHost {
            return
                "cannot listen on \(settings[SettingsCatalogue.host]): this is no address, and no host of that name is known (setting host)"
        }
        if error is CocoaError || error is POSIXError {
            let path = (error as? CocoaError)?.filePath ?? settings[SettingsCatalogue.data]
            return "cannot use \(path): \(Terminal.reason(error)) (setting data)"
        }
        if case DatabaseError.unavailable(let text) = error {
            let keys = [SettingsCatalogue.databaseURL.key, SettingsCatalogue.databaseURLs.key].joined(separator: ", ")
            return "the database does not answer: \(text) (settings \(keys))"
        }
        return "\(error)"
    }
}
