import ArgumentParser
import Events
import Foundation
import Schemas

/// `agrovet events dead`
struct EventsDead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead", abstract: "Events that a consumer could not handle: list them, try them again, or drop them.",
        subcommands: [List.self, Show.self, Retry.self, Drop.self])

    /// Which letters a command means.
    struct Choice: ParsableArguments {
        @Option(name: .long, help: "Only of this topic, such as media.events.")
        var topic: String?
        @OptionGroup var options: SettingsOptions

        /// Unsettled letters with the readers of their topics.
        func letters(_ log: FileEventLog) async throws -> [(topic: String, letters: DeadLetters, letter: DeadLetter)] {
            var found: [(String, DeadLetters, DeadLetter)] = []
            let names = try log.topicNames().filter(DeadLetter.isTopic).map { String($0.dropLast(".dead".count)) }
            for name in names where topic == nil || topic == name {
                let letters = DeadLetters(log: log, topic: name)
                for letter in try await letters.unsettled() { found.append((name, letters, letter)) }
            }
            return found
        }

        /// - Throws: where one of the ids is no unsettled letter's.
        func letters(_ log: FileEventLog, ids: [String]) async throws -> [(topic: String, letters: DeadLetters, letter: DeadLetter)] {
            let all = try await letters(log)
            return try ids.flatMap { id in
                let found = all.filter { $0.letter.id == id }
                guard !found.isEmpty else { throw EventsCommand.Failure(description: "there is no dead letter \(id)") }
                return found
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "ls", abstract: "List what nobody has settled.")
        @OptionGroup var choice: Choice

        func run() async throws {
            try await EventsCommand.withLog(choice.options) { log, _ in
                for (topic, _, letter) in try await choice.letters(log) {
                    let time = letter.time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
                    EventsCommand.say(
                        "\(letter.id) \(topic) \(letter.event.type) \(letter.event.subject) consumer=\(letter.consumer) "
                            + "attempts=\(letter.attempts) \(time) \(letter.reason.split(whereSeparator: \.isNewline).joined(separator: " "))"
                    )
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "Print a letter with its event, as JSON.")
        @Argument(help: "Letter, as `ls` prints it.")
        var letter: String
        @OptionGroup var choice: Choice

        func run() async throws {
            try await EventsCommand.withLog(choice.options) { log, _ in
                for (topic, _, letter) in try await choice.letters(log, ids: [letter]) {
                    let time = letter.time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
                    EventsCommand.say(
                        JSONText.object([
                            ("id", JSONText.string(letter.id)), ("topic", JSONText.string(topic)), ("offset", "\(letter.offset)"),
                            ("consumer", JSONText.string(letter.consumer)), ("reason", JSONText.string(letter.reason)),
                            ("attempts", "\(letter.attempts)"), ("round", "\(letter.round)"), ("time", JSONText.string(time)),
                            ("event", letter.event.json),
                        ]))
                }
            }
        }
    }

    /// Letters that a command settles.
    struct Letters: ParsableArguments {
        @Argument(help: "Letters.")
        var letters: [String] = []
        @Flag(name: .long, help: "All of them.")
        var all = false
        @OptionGroup var choice: Choice

        func validate() throws {
            guard all != !letters.isEmpty else { throw ValidationError("name letters, or say --all") }
        }

        /// - Parameter action: settles one, and says so.
        func settle(_ action: (DeadLetters, DeadLetter) async throws -> String) async throws {
            try await EventsCommand.withLog(choice.options) { log, _ in
                for (_, reader, letter) in all ? try await choice.letters(log) : try await choice.letters(log, ids: letters) {
                    EventsCommand.say(try await action(reader, letter))
                }
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry", abstract: "Hand letters' events to their consumers once more; a server that runs does so within seconds.")
        @OptionGroup var letters: Letters

        func run() async throws {
            try await letters.settle { reader, letter in
                try await reader.retry(letter)
                return "\(letter.id) is handed to \(letter.consumer) again"
            }
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "drop", abstract: "Settle letters without handling their events.")
        @OptionGroup var letters: Letters

        func run() async throws {
            try await letters.settle { reader, letter in
                try await reader.drop(letter)
                return "\(letter.id) is dropped"
            }
        }
    }
}
