import ArgumentParser
import Foundation
import NIOHTTP1
import WebAPI

/// `agrovet webhooks`: the endpoints of a running server (docs/HOOKS.md). Answers are printed as JSON lines.
struct WebhooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks", abstract: "Manage a running server's webhook endpoints.",
        subcommands: [
            List.self, Add.self, Change.self, Remove.self, Rotate.self, Test.self, Deliveries.self, Retry.self,
        ])

    /// What every subcommand takes and does.
    struct Connection: ParsableArguments {
        @Option(name: .long, help: "Server's address.")
        var server: String?

        @OptionGroup var options: SettingsOptions

        /// Sends one request and prints the answer: an object, or each of a page's results.
        func call(_ method: HTTPMethod, _ path: String, json: [String: Any]? = nil) async throws {
            let client = try MediaClient(settings: try options.load([SettingsCatalogue.server.key: server]))
            do {
                Self.show(try await client.call(method, "/api/media/webhooks/" + path, json: json))
                await client.shutdown()
            } catch let error as MediaClient.Failure {
                await client.shutdown()
                Terminal.complain("\(error)")
                throw ExitCode.failure
            }
        }

        private static func show(_ data: Data) {
            guard !data.isEmpty else { return }
            if let page = try? JSONSerialization.jsonObject(with: data) as? [String: Any], let results = page["results"] as? [[String: Any]]
            {
                for result in results {
                    let line = try? JSONSerialization.data(withJSONObject: result, options: [.sortedKeys, .withoutEscapingSlashes])
                    print(String(decoding: line ?? Data(), as: UTF8.self))
                }
            } else {
                print(String(decoding: data, as: UTF8.self))
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "ls", abstract: "List endpoints.")
        @OptionGroup var connection: Connection
        func run() async throws { try await connection.call(.GET, "?page_size=100") }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Make an endpoint and print it with its secret, which is shown this once.")
        @Argument(help: "Where to send: https://…")
        var url: String
        @Option(
            name: .long,
            help: "Event type, such as media.ready; may stand several times. Without it all but media.progress and media.purge.")
        var event: [String] = []
        @Option(name: .long, help: "What the endpoint is.")
        var description: String?
        @OptionGroup var connection: Connection

        func run() async throws {
            var json: [String: Any] = ["url": url]
            if !event.isEmpty { json["events"] = event }
            if let description { json["description"] = description }
            try await connection.call(.POST, "", json: json)
        }
    }

    struct Change: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "set", abstract: "Change an endpoint, or switch it on and off.")
        @Argument(help: "Endpoint.")
        var id: String
        @Option(name: .long, help: "Where to send.")
        var url: String?
        @Option(name: .long, help: "Event type; may stand several times.")
        var event: [String] = []
        @Option(name: .long, help: "true or false.")
        var active: Bool?
        @OptionGroup var connection: Connection

        func run() async throws {
            var json: [String: Any] = [:]
            if let url { json["url"] = url }
            if !event.isEmpty { json["events"] = event }
            if let active { json["active"] = active }
            try await connection.call(.PATCH, id.urlPercentEncoded + "/", json: json)
        }
    }

    /// One endpoint, and nothing else to say of it.
    struct Endpoint: ParsableArguments {
        @Argument(help: "Endpoint.")
        var id: String
        @OptionGroup var connection: Connection

        func call(_ method: HTTPMethod, _ action: String = "") async throws {
            try await connection.call(method, id.urlPercentEncoded + "/" + action)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rm", abstract: "Delete an endpoint with its deliveries.")
        @OptionGroup var endpoint: Endpoint
        func run() async throws { try await endpoint.call(.DELETE) }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate", abstract: "Replace an endpoint's secret; the old one signs on for a while.")
        @OptionGroup var endpoint: Endpoint
        func run() async throws { try await endpoint.call(.POST, "rotate/") }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "test", abstract: "Send a message of the type webhook.test.")
        @OptionGroup var endpoint: Endpoint
        func run() async throws { try await endpoint.call(.POST, "test/") }
    }

    struct Deliveries: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "deliveries", abstract: "List an endpoint's deliveries, newest first.")
        @Option(name: .long, help: "pending, delivered or failed.")
        var status: String?
        @OptionGroup var endpoint: Endpoint

        func run() async throws {
            let filter = status.map { "&status=" + $0.urlPercentEncoded } ?? ""
            try await endpoint.call(.GET, "deliveries/?page_size=100" + filter)
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "retry", abstract: "Send a settled delivery again.")
        @Argument(help: "Endpoint.")
        var id: String
        @Argument(help: "Delivery.")
        var delivery: String
        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.call(.POST, id.urlPercentEncoded + "/deliveries/" + delivery.urlPercentEncoded + "/retry/")
        }
    }
}
