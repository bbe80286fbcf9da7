/// An access key and its secret.
public struct S3KeyPair: Sendable {
    public let id: String
    public let secret: String

    public init(id: String, secret: String) {
        self.id = id
        self.secret = secret
    }

    /// Of the lines `AWS_ACCESS_KEY_ID=…` and `AWS_SECRET_ACCESS_KEY=…`; empty where they are not there.
    init(lines: String) {
        func value(_ name: String) -> String {
            let line = lines.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + "=") }
            return line.map { String($0.dropFirst(name.count + 1)) } ?? ""
        }
        id = value("AWS_ACCESS_KEY_ID")
        secret = value("AWS_SECRET_ACCESS_KEY")
    }
}
