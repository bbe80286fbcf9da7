import Foundation
import WebAPI

/// The pair that may do everything, made at the first start: a file that only its owner may read, in the form that a shell can take
/// in (`AWS_ACCESS_KEY_ID=…`, `AWS_SECRET_ACCESS_KEY=…`).
public enum RootKeyFile {
    /// Whom the pair stands for.
    public static let user = "root"

    public struct Malformed: Error, Sendable, CustomStringConvertible {
        public let path: String
        public var description: String {
            "\(path) has no lines AWS_ACCESS_KEY_ID=… and AWS_SECRET_ACCESS_KEY=…; delete it to have a new pair made"
        }
    }

    /// Reads the pair, or makes it where there is none.
    public static func load(path: String) throws -> AccessKey {
        let file = try SecretFile(path: path) {
            let key = AccessKey.make(user: user)
            return text(id: key.id, secret: key.secret)
        }
        var values: [Substring: String] = [:]
        for line in file.value.split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "=") else { continue }
            values[line[..<equals]] = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
        }
        guard let id = values["AWS_ACCESS_KEY_ID"], let secret = values["AWS_SECRET_ACCESS_KEY"],
            AccessKey.problem(id: id, secret: secret) == nil
        else { throw Malformed(path: path) }
        return AccessKey(id: id, secret: secret, user: user, created: 0, isRoot: true)
    }

    /// The two lines.
    public static func text(id: String, secret: String) -> String { "AWS_ACCESS_KEY_ID=\(id)\nAWS_SECRET_ACCESS_KEY=\(secret)" }
}
