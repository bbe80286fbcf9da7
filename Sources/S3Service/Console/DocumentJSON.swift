import S3Wire
import WebAPI

/// Documents of S3 between XML and JSON, as their shape says.
enum DocumentJSON {
    /// A member that the shape has no place for, or a value of another kind than it asks for.
    struct Mismatch: Error, Sendable, Hashable {
        /// Such as `Rules[0].Expiration.Days`; empty for the document itself.
        let place: String
        let reason: String
    }

    // MARK: To JSON

    /// Elements that the shape does not know are left out: nothing that this server stores has any.
    static func text(_ element: XMLElement, _ shape: DocumentShape) -> String {
        switch shape {
        case .text: return JSONText.string(element.text)
        case .number: return Int(element.text.trimmingWhiteSpace()).map(String.init) ?? "null"
        case .flag: return element.text.trimmingWhiteSpace() == "true" ? "true" : "false"
        case .object(let members):
            return JSONText.object(
                members.compactMap { member in value(member, in: element).map { (member.name, $0) } })
        }
    }

    private static func value(_ member: DocumentShape.Member, in element: XMLElement) -> String? {
        let list = { (elements: [XMLElement]) in "[" + elements.map { text($0, member.shape) }.joined(separator: ",") + "]" }
        switch member.count {
        case .one: return element[member.element].map { text($0, member.shape) }
        case .many:
            let elements = element.all(member.element)
            return elements.isEmpty ? nil : list(elements)
        case .wrapped(let name): return element[member.element].map { list($0.all(name)) }
        }
    }

    // MARK: To XML

    static func element(_ name: String, _ value: JSONValue, _ shape: DocumentShape, at place: String = "") throws(Mismatch) -> XMLElement {
        switch (shape, value) {
        case (.text, .text(let text)): return XMLElement(name, text: text)
        case (.number, .number(let number)): return XMLElement(name, number)
        case (.flag, .flag(let flag)): return XMLElement(name, flag)
        case (.object(let members), .object(let values)):
            let known = Set(members.map(\.name))
            if let stranger = values.keys.filter({ !known.contains($0) }).min() {
                throw Mismatch(
                    place: join(place, stranger), reason: "There is no such member; there are: \(known.sorted().joined(separator: ", ")).")
            }
            var children: [XMLElement] = []
            for member in members {
                guard let value = values[member.name], value != .null else { continue }
                children += try elements(member, value, at: join(place, member.name))
            }
            return XMLElement(name, children: children)
        case (.text, _): throw Mismatch(place: place, reason: "A string is expected.")
        case (.number, _): throw Mismatch(place: place, reason: "A whole number is expected.")
        case (.flag, _): throw Mismatch(place: place, reason: "true or false is expected.")
        case (.object, _): throw Mismatch(place: place, reason: "An object is expected.")
        }
    }

    private static func elements(
        _ member: DocumentShape.Member, _ value: JSONValue, at place: String
    ) throws(Mismatch) -> [XMLElement] {
        if case .one = member.count { return [try element(member.element, value, member.shape, at: place)] }
        guard case .list(let values) = value else { throw Mismatch(place: place, reason: "A list is expected.") }
        var elements: [XMLElement] = []
        for (index, value) in values.enumerated() {
            let name = if case .wrapped(let name) = member.count { name } else { member.element }
            elements.append(try element(name, value, member.shape, at: "\(place)[\(index)]"))
        }
        if case .wrapped = member.count { return [XMLElement(member.element, children: elements)] }
        return elements
    }

    private static func join(_ place: String, _ name: String) -> String { place.isEmpty ? name : place + "." + name }
}
