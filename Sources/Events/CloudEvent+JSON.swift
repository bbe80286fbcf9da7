import Foundation

/// The JSON format of CloudEvents 1.0, structured mode.
extension CloudEvent {
    /// The event as one JSON object on one line. `data` stands in it as the producer wrote it.
    public var json: String {
        var json = "{\"specversion\":\"1.0\",\"id\":" + Self.quoted(id)
        json += ",\"source\":" + Self.quoted(source) + ",\"type\":" + Self.quoted(type)
        json += ",\"subject\":" + Self.quoted(subject) + ",\"time\":\"" + Self.text(time)
        json += "\",\"datacontenttype\":\"application/json\""
        if let traceparent { json += ",\"traceparent\":" + Self.quoted(traceparent) }
        for (name, value) in extensions.sorted(by: { $0.key < $1.key }) { json += ",\"\(name)\":" + Self.quoted(value) }
        // Last, so that it can be cut out again without a parse and a rewrite.
        return json + ",\"data\":" + Self.onOneLine(data) + "}"
    }

    /// The event as it comes back when `json` is read.
    var onOneLine: CloudEvent {
        let line = Self.onOneLine(data)
        if line == data { return self }
        return CloudEvent(
            id: id, source: source, type: type, subject: subject, time: time, data: line, traceparent: traceparent, extensions: extensions)
    }

    /// JSON has raw line breaks between tokens only: within strings they are escaped.
    private static func onOneLine(_ json: String) -> String {
        guard json.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return json }
        return String(decoding: json.utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }, as: UTF8.self)
    }

    /// Whether `json` can be read again: no attribute is empty, extensions have names that are theirs, and `data` is a JSON value.
    var isWellFormed: Bool {
        ![id, source, type, subject].contains("") && extensions.keys.allSatisfy(Self.isExtension) && Self.isJSON(data)
    }

    /// Why a text is no event.
    public enum ParseError: Error, Sendable, Equatable {
        case notJSON
        case missing(String)
        case invalid(String)
    }

    private static let attributes: Set<String> = [
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "traceparent", "data",
    ]

    /// Whether an extension may be called so: 1 to 20 of `a-z` and `0-9`, and no attribute's name.
    private static func isExtension(_ name: String) -> Bool {
        (1...20).contains(name.utf8.count) && !attributes.contains(name)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    }

    /// The texts among an object's members.
    private struct Members: Decodable {
        var texts: [String: String] = [:]

        private struct Name: CodingKey {
            let stringValue: String
            let intValue: Int? = nil
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { return nil }
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Name.self)
            for name in members.allKeys where name.stringValue != "data" {
                if let text = try? members.decode(String.self, forKey: name) {
                    texts[name.stringValue] = text
                } else if attributes.contains(name.stringValue), try !members.decodeNil(forKey: name) {
                    throw ParseError.notJSON
                }
            }
        }
    }

    /// Reads what `json` has written; of members that are not known, those that are extensions with a text are kept.
    /// - Throws: `ParseError`.
    public init(json: String) throws {
        guard let members = try? JSONDecoder().decode(Members.self, from: Data(json.utf8)).texts else { throw ParseError.notJSON }
        func required(_ name: String) throws -> String {
            guard let value = members[name], !value.isEmpty else { throw ParseError.missing(name) }
            return value
        }
        guard try required("specversion") == "1.0" else { throw ParseError.invalid("specversion") }
        guard let time = Self.date(try required("time")) else { throw ParseError.invalid("time") }
        guard let data = Self.data(of: json) else { throw ParseError.missing("data") }
        self.init(
            id: try required("id"), source: try required("source"), type: try required("type"), subject: try required("subject"),
            time: time, data: data, traceparent: members["traceparent"], extensions: members.filter { Self.isExtension($0.key) })
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

    /// The milliseconds are written from an integer: the format style truncates, and 0.289 is a little less as a Double.
    private static func text(_ time: Date) -> String {
        let milliseconds = Int64((time.timeIntervalSince1970 * 1000).rounded())
        let (seconds, rest) = (milliseconds - (milliseconds % 1000 + 1000) % 1000, (milliseconds % 1000 + 1000) % 1000)
        let whole = Date(timeIntervalSince1970: Double(seconds / 1000)).formatted(.iso8601)
        return whole.dropLast() + "." + String(String(1000 + rest).dropFirst()) + "Z"
    }

    /// A time of RFC 3339; nil where the text is none.
    package static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))) ?? (try? Date(text, strategy: .iso8601))
    }

    package static func quoted(_ text: String) -> String {
        // What attributes are made of nearly always.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) { return "\"" + text + "\"" }
        let data =
            (try? JSONSerialization.data(withJSONObject: text, options: [.fragmentsAllowed, .withoutEscapingSlashes])) ?? Data("\"\"".utf8)
        return String(decoding: data, as: UTF8.self)
    }
}
