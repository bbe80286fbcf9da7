import Foundation
import Schemas

/// All kinds of events that a server's services publish.
public struct EventCatalogue: Sendable {
    public let types: [EventType]
    private let byName: [String: EventType]

    /// Of the dead letters' topics: what settles a letter.
    private static let settlements: [String: String] = [
        DeadLetter.Request.Action.retry.rawValue: "A person has a dead letter's event tried again by the consumer that failed.",
        DeadLetter.Request.Action.drop.rawValue: "A person has dropped a dead letter.",
    ]

    public init(_ types: [EventType]) {
        self.types = types
        byName = Dictionary(types.map { ($0.name, $0) }) { first, other in
            preconditionFailure("two services declare the event type \(first.name): \(first.topic), \(other.topic)")
        }
    }

    /// The topics of the types, sorted.
    public var topics: [String] { Set(types.map(\.topic)).sorted() }

    /// The types of some topics, in the order of their declaration.
    public func types(of topics: Set<String>) -> [EventType] { types.filter { topics.contains($0.topic) } }

    /// What is wrong with an event that stands in a topic: a type that nobody declares, another's topic, data that are not as declared,
    /// members among them that are not declared. Empty where nothing is.
    public func problems(of event: CloudEvent, in topic: String) -> [String] {
        if DeadLetter.isTopic(topic), Self.settlements[event.type] != nil {
            return DeadLetter.Request(event) == nil ? ["\(event.type) names no letter"] : []
        }
        guard let type = byName[event.type] else { return ["no service declares the type \(event.type)"] }
        let home = DeadLetter.isTopic(topic) ? DeadLetter.topic(of: type.topic) : type.topic
        guard home == topic else { return ["\(event.type) stands in the topic \(topic), and is declared for \(type.topic)"] }
        guard let data = try? JSONValue(parsing: Data(event.data.utf8)) else { return ["\(event.type): the data are no JSON"] }
        return type.data.closedThroughout.problems(of: data).sorted { $0.key < $1.key }.flatMap { path, problems in
            problems.map { "\(event.type): \(path.isEmpty ? "data" : path): \($0.message)" }
        }
    }

    // MARK: AsyncAPI

    /// The AsyncAPI 3.0 document of the events.
    /// - Parameters:
    ///   - version: of the program.
    ///   - host: where it is served, with its port; such as `api.example:8080`.
    ///   - scheme: `http` or `https`.
    public func asyncAPI(version: String, host: String, scheme: String) -> JSONValue {
        var schemas: [String: JSONValue] = [:]
        var messages: [String: JSONValue] = [:]
        var channels: [String: JSONValue] = [:]
        var operations: [String: JSONValue] = [:]
        for type in types {
            messages[Self.key(type.name)] = [
                "name": .string(type.name), "title": .string(type.name), "summary": .string(type.summary),
                "contentType": "application/cloudevents+json",
                "payload": type.envelope.document(base: "#/components/schemas/", named: &schemas),
            ]
        }
        for (name, summary) in Self.settlements {
            let type = EventType(name, topic: "", summary, data: DeadLetter.Request.schema)
            messages[Self.key(name)] = [
                "name": .string(name), "title": .string(name), "summary": .string(summary), "contentType": "application/cloudevents+json",
                "payload": type.envelope.document(base: "#/components/schemas/", named: &schemas),
            ]
        }
        for topic in topics {
            let names = types.filter { $0.topic == topic }.map(\.name)
            channels[Self.key(topic)] = Self.channel(
                topic, "Events of one subject are in order. A consumer may be told one twice, and knows it by its id.", names)
            operations["publish-" + Self.key(topic)] = Self.operation(Self.key(topic), names, "What this server tells in \(topic).")
        }
        var dead = Self.channel(
            "{topic}.dead",
            "What a consumer could not handle, with the extension attributes deadconsumer, deadreason, deadattempts, deadround, deadtime, "
                + "deadoffset and deadid (the event's own id); and what settles it.", types.map(\.name) + Self.settlements.keys.sorted()
        ).members
        dead["parameters"] = ["topic": ["description": "The topic that the consumer reads.", "enum": .array(topics.map { .string($0) })]]
        channels["dead-letters"] = .object(dead)
        operations["publish-dead-letters"] = Self.operation(
            "dead-letters", types.map(\.name) + Self.settlements.keys.sorted(), "What could not be handled.")
        return [
            "asyncapi": "3.0.0",
            "info": [
                "title": "Agrovet events", "version": .string(version),
                "description": .string(
                    "CloudEvents 1.0 in JSON. GET /api/events/?topic=… tells them as server-sent events to those who may see them."),
            ],
            "defaultContentType": "application/cloudevents+json",
            "servers": [
                "stream": [
                    "host": .string(host), "protocol": .string(scheme), "pathname": "/api/events/",
                    "description": "Server-sent events: topic (several: separated by commas), type, from=start, Last-Event-ID.",
                ]
            ],
            "channels": .object(channels), "operations": .object(operations),
            "components": ["messages": .object(messages), "schemas": .object(schemas)],
        ]
    }

    /// What a type or a topic is called among the document's parts, where many tools take no dots.
    private static func key(_ name: String) -> String { name.replacing(".", with: "-") }

    private static func channel(_ address: String, _ description: String, _ messages: [String]) -> JSONValue {
        let references = messages.map(key).map { ($0, JSONValue.object(["$ref": .string("#/components/messages/" + $0)])) }
        return [
            "address": .string(address), "description": .string(description), "messages": .object(Dictionary(references) { $1 }),
        ]
    }

    private static func operation(_ channel: String, _ messages: [String], _ summary: String) -> JSONValue {
        [
            "action": "send", "channel": ["$ref": .string("#/channels/" + channel)], "summary": .string(summary),
            "messages": .array(messages.map { ["$ref": .string("#/channels/\(channel)/messages/\(key($0))")] }),
        ]
    }
}

extension DeadLetter.Request {
    /// What its event's data look like.
    static let schema = JSONSchema.object(
        .required("offset", .integer(0...9_007_199_254_740_991).described("Of the letter in its topic.")),
        .required("consumer", .string(1...200).described("Who could not handle the event.")))
}

extension JSONSchema {
    /// The same, with no member but those that are named, however deep: what is published has to be documented.
    var closedThroughout: JSONSchema {
        var copy = self
        copy.kind =
            switch kind {
            case .array(let element, let count): .array(element.closedThroughout, count: count)
            case .object(let properties, _):
                .object(
                    properties.map {
                        $0.isRequired ? .required($0.name, $0.schema.closedThroughout) : .optional($0.name, $0.schema.closedThroughout)
                    }, additional: false)
            case .map(let value, let names): .map(value.closedThroughout, names: names)
            case .oneOf(let schemas): .oneOf(schemas.map(\.closedThroughout))
            case .named(let name, let schema): .named(name, schema.closedThroughout)
            case .any, .null, .boolean, .integer, .number, .string: kind
            }
        return copy
    }
}
