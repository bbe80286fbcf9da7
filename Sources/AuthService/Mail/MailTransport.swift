import Foundation

/// How mail leaves. Two adapters: an SMTP server, and a folder.
public protocol MailTransport: Sendable {
    /// - Throws: `MailFailure`; anything else is taken for a failure that passes.
    func send(_ message: String, id: String, from: String, to recipient: String) async throws
}

/// Why a message did not go.
public enum MailFailure: Error, Sendable, Equatable {
    /// It may go later: no connection, or an answer 4xx.
    case temporary(String)
    /// It never will: an answer 5xx.
    case permanent(String)
}

/// Where nothing else is set: a file for each message, for a person or a program to read.
public struct MailFolder: MailTransport {
    private let path: String

    /// - Parameter path: made where it is not there, for its owner alone.
    public init(path: String) { self.path = path }

    public func send(_ message: String, id: String, from: String, to recipient: String) async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let (name, temporary) = ("\(path)/\(id).eml", "\(path)/.\(id)")
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw MailFailure.temporary(String(cString: strerror(errno))) }
        let bytes = Array(message.utf8)
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        let isSynced = fsync(descriptor) == 0
        close(descriptor)
        // A message that is sent twice has one name, and is one file.
        guard written == bytes.count, isSynced, rename(temporary, name) == 0 else {
            unlink(temporary)
            throw MailFailure.temporary("\(name) cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}
