import ArgumentParser

package struct Agrovet: AsyncParsableCommand {
    static let version = "0.1.0"

    package static let configuration = CommandConfiguration(
        commandName: "agrovet",
        abstract: "A media-first backend in one binary: uploads, renditions and storage.",
        version: version,
        subcommands: [
            ServeCommand.self, ConfigCommand.self, MediaCommand.self, RenderCommand.self, SignCommand.self, WebhooksCommand.self,
            S3Command.self, StorageCommand.self, UserCommand.self, KeyCommand.self, KeysCommand.self, OAuthCommand.self, EventsCommand.self,
            DoctorCommand.self,
        ])

    package init() {}
}
