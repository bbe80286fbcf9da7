import ArgumentParser

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the server until SIGINT or SIGTERM.")

    @Option(name: .long, help: "Address to listen on.")
    var host: String?

    @Option(name: .long, help: "TCP port; 0 picks a free one.")
    var port: Int?

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.load([SettingsCatalogue.host.key: host, SettingsCatalogue.port.key: port.map(String.init)])
        try await Server(settings: settings).run()
    }
}
