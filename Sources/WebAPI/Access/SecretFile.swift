import Foundation

/// A secret of the installation, kept in a file that only its owner may read.
public struct SecretFile: Sendable {
    /// The secret's text: 43 characters of base64url, 256 random bits, unless an operator has put another there.
    public let value: String

    public enum Failure: Error, Sendable, CustomStringConvertible {
        case unreadable(path: String, reason: String)
        case empty(path: String)

        public var description: String {
            switch self {
            case .unreadable(let path, let reason): "\(path): \(reason)"
            case .empty(let path): "\(path) is empty; delete it to have a new one made"
            }
        }
    }

    /// Reads the file, or makes it where there is none: written to a temporary name, fsynced and linked into place, so
    /// that two processes that start at once agree on one secret and a crash leaves no half of one.
    ///
    /// - Parameter make: the text of a new one.
    public init(path: String, make: () -> String = Self.random) throws(Failure) {
        if let existing = try Self.read(path) {
            value = existing
            return
        }
        let secret = make()
        let temporary = path + ".\(getpid()).\(UInt32.random(in: 0 ... .max))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unreadable(path: temporary, reason: String(cString: strerror(errno))) }
        defer { unlink(temporary) }
        let bytes = Array((secret + "\n").utf8)
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        let isSynced = fsync(descriptor) == 0
        close(descriptor)
        guard written == bytes.count, isSynced else { throw .unreadable(path: temporary, reason: String(cString: strerror(errno))) }
        if link(temporary, path) != 0, errno != EEXIST {
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        // What is signed with the secret outlives a power cut, so its name has to.
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
        guard let agreed = try Self.read(path) else { throw .empty(path: path) }
        value = agreed
    }

    private static func read(_ path: String) throws(Failure) -> String? {
        guard access(path, F_OK) == 0 else { return nil }
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else {
            throw .unreadable(path: path, reason: "cannot be read")
        }
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !secret.isEmpty else { throw .empty(path: path) }
        return secret
    }

    /// 256 bits of the system's generator as base64url.
    public static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.encode((0..<32).map { _ in UInt8.random(in: 0 ... .max, using: &generator) })
    }
}

/// Base64 with the alphabet for URLs and without padding (RFC 4648 section 5).
public enum Base64URL {
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Nil where the text is not base64url.
    public static func decode(_ text: String) -> [UInt8]? {
        guard !text.contains(where: { $0 == "+" || $0 == "/" || $0 == "=" }) else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + padding).map { Array($0) }
    }
}
