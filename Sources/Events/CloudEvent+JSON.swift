import Foundation

/// The JSON format of CloudEvents 1.0, structured mode.
extension CloudEvent {
    /// The event as one JSON object on one line. `data` stands in it as the producer wrote it.
    public var json: String {
        var members = [
            ("specversion", "\"1.0\""), ("id", Self.quoted(id)), ("source", Self.quoted(source)), ("type", Self.quoted(type)),
            ("subject", Self.quoted(subject)), ("time", Self.quoted(Self.text(time))), ("datacontenttype", "\"application/json\""),
        ]
        if let traceparent { members.append(("traceparent", Self.quoted(traceparent))) }
        // Last, so that it can be cut out again without a parse and a rewrite.
        members.append(("data", Self.onOneLine(data)))
        return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }

    /// Whether `json` can be read again: no attribute is empty, and `data` is a JSON value.
    var isWellFormed: Bool {
        ![id, source, type, subject].contains("") && Self.isJSON(data)
    }

    /// Why a text is no event.
    public enum ParseError: Error, Sendable, Equatable {
        case notJSON
        case missing(String)
        case invalid(String)
    }

    private struct Attributes: Decodable {
        let specversion: String?
        let id: String?
        let source: String?
        let type: String?
        let subject: String?
        let time: String?
        let traceparent: String?
    }

    /// Reads what `json` has written; members that are not known are dropped.
    /// - Throws: `ParseError`.
    public init(json: String) throws {
        guard let attributes = try? JSONDecoder().decode(Attributes.self, from: Data(json.utf8)) else { throw ParseError.notJSON }
        func required(_ name: String, _ value: String?) throws -> String {
            guard let value, !value.isEmpty else { throw ParseError.missing(name) }
            return value
        }
        guard try required("specversion", attributes.specversion) == "1.0" else { throw ParseError.invalid("specversion") }
        guard let time = Self.date(try required("time", attributes.time)) else { throw ParseError.invalid("time") }
        guard let data = Self.data(of: json) else { throw ParseError.missing("data") }
        self.init(
            id: try required("id", attributes.id), source: try required("source", attributes.source),
            type: try required("type", attributes.type), subject: try required("subject", attributes.subject), time: time, data: data,
            traceparent: attributes.traceparent)
    }

    /// The text of the member `data`: cut out where it stands last, as we write it; else parsed and written anew.
    private static func data(of json: String) -> String? {
        // A quotation mark within a string is written as \", so this mark can only be the member's name.
        if let mark = json.range(of: "\",\"data\":"), json.last == "}" {
            let text = String(json[mark.upperBound...].dropLast())
            if isJSON(text) { return text }
        }
        guard let members = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any], let value = members["data"],
            let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .withoutEscapingSlashes])
        else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    private static func isJSON(_ text: String) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil
    }

    /// JSON has raw line breaks between tokens only: within strings they are escaped.
    private static func onOneLine(_ json: String) -> String {
        guard json.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return json }
        return String(decoding: json.utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }, as: UTF8.self)
    }

    /// The milliseconds are written from an integer: the format style truncates, and 0.289 is a little less as a Double.
    private static func text(_ time: Date) -> String {
        let milliseconds = Int64((time.timeIntervalSince1970 * 1000).rounded())
        let (seconds, rest) = (milliseconds - (milliseconds % 1000 + 1000) % 1000, (milliseconds % 1000 + 1000) % 1000)
        let whole = Date(timeIntervalSince1970: Double(seconds / 1000)).formatted(.iso8601)
        return whole.dropLast() + "." + String(String(1000 + rest).dropFirst()) + "Z"
    }

    private static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))) ?? (try? Date(text, strategy: .iso8601))
    }

    private static func quoted(_ text: String) -> String {
        let data =
            (try? JSONSerialization.data(withJSONObject: text, options: [.fragmentsAllowed, .withoutEscapingSlashes])) ?? Data("\"\"".utf8)
        return String(decoding: data, as: UTF8.self)
    }
}
