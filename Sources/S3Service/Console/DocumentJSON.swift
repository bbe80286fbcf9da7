import S3Wire
import Schemas

/// Documents of S3 between XML and JSON, as their shape says.
enum DocumentJSON {
    // MARK: To JSON

    /// Elements that the shape does not know are left out: nothing that this server stores has any.
    static func text(_ element: XMLElement, _ shape: DocumentShape) -> String {
        switch shape {
        case .text, .choice: return JSONText.string(element.text)
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

    /// - Parameter value: what the shape's schema accepts.
    static func element(_ name: String, _ value: JSONValue, _ shape: DocumentShape) -> XMLElement {
        switch shape {
        case .text, .choice: XMLElement(name, text: value.string ?? "")
        case .number: XMLElement(name, value.integer ?? 0)
        case .flag: XMLElement(name, value.bool ?? false)
        case .object(let members): XMLElement(name, children: members.flatMap { elements($0, value[$0.name] ?? .null) })
        }
    }

    private static func elements(_ member: DocumentShape.Member, _ value: JSONValue) -> [XMLElement] {
        if value.isNull { return [] }
        return switch member.count {
        case .one: [element(member.element, value, member.shape)]
        case .many: value.elements.map { element(member.element, $0, member.shape) }
        case .wrapped(let name):
            [XMLElement(member.element, children: value.elements.map { element(name, $0, member.shape) })]
        }
    }
}
