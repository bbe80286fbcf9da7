import Foundation
import WebAPI

/// A member of a JSON object that a client sent, as far as it matters here.
enum JSONMember: Decodable, Sendable {
    case null
    case flag(Bool)
    case number(Int)
    case string(String)
    case strings([String])
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else {
            self = (try? container.decode([String].self)).map { .strings($0) } ?? .other
        }
    }

    /// The members of an object.
    /// - Throws: `APIError` 400 where the data are none.
    static func object(_ json: Data) throws(APIError) -> [String: JSONMember] {
        guard let members = try? JSONDecoder().decode([String: JSONMember].self, from: json) else {
            throw APIError(.badRequest, code: "parse_error", detail: "JSON parse error: the body is not a JSON object.")
        }
        return members
    }
}
