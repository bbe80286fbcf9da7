import Foundation
import NIOCore
import WebAPI

/// A JSON value (RFC 8259) as it came; numbers are whole.
indirect enum JSONValue: Sendable, Hashable, Decodable {
    case null
    case flag(Bool)
    case number(Int)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }
}

/// Members of a JSON body, read one by one; what is wrong with each is told at once at the end.
struct ConsoleBody: Sendable {
    let members: [String: JSONValue]
    private(set) var errors: [String: [String]] = [:]

    /// - Throws: `APIError` `parse_error` where it is no JSON object.
    init(_ bytes: ByteBuffer) throws(APIError) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(buffer: bytes)), case .object(let members) = value else {
            throw APIError(.badRequest, code: "parse_error", detail: "The body is not the JSON object that is expected here.")
        }
        self.members = members
    }

    func contains(_ name: String) -> Bool { members[name] != nil }

    mutating func refuse(_ name: String, _ message: String) { errors[name, default: []].append(message) }

    mutating func text(_ name: String) -> String? {
        switch members[name] {
        case nil, .null?: return nil
        case .text(let text)? where !text.utf8.contains(0): return text
        default:
            refuse(name, "Not a valid string.")
            return nil
        }
    }

    mutating func requiredText(_ name: String) -> String {
        let text = text(name) ?? ""
        if text.isEmpty, errors[name] == nil { refuse(name, "This field is required.") }
        return text
    }

    mutating func flag(_ name: String) -> Bool? {
        switch members[name] {
        case nil, .null?: return nil
        case .flag(let flag)?: return flag
        default:
            refuse(name, "Must be a valid boolean.")
            return nil
        }
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>) -> Int? {
        switch members[name] {
        case nil, .null?: return nil
        case .number(let number)? where range.contains(number): return number
        case .number?:
            refuse(name, "Ensure this value is between \(range.lowerBound) and \(range.upperBound).")
            return nil
        default:
            refuse(name, "A valid integer is required.")
            return nil
        }
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, _ type: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        guard let text = text(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            refuse(name, "Not a valid choice; there are: \(Choice.allCases.map(\.rawValue).joined(separator: ", ")).")
            return nil
        }
        return choice
    }

    /// Texts by name.
    mutating func texts(_ name: String) -> [String: String]? {
        guard let value = members[name], value != .null else { return nil }
        guard case .object(let members) = value else {
            refuse(name, "Expected a dictionary of strings.")
            return nil
        }
        var result: [String: String] = [:]
        for (key, value) in members {
            guard case .text(let text) = value, !text.utf8.contains(0) else {
                refuse(name, "Expected a dictionary of strings.")
                return nil
            }
            result[key] = text
        }
        return result
    }

    /// - Throws: all that was refused so far.
    func check() throws(APIError) { if !errors.isEmpty { throw APIError(invalid: errors) } }
}
