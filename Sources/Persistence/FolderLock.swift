import Foundation

/// The right to a folder, or to one thing in it, for one process at a time; it ends with the process, however that ends.
public final class FolderLock: Sendable {
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    private let descriptor: Int32

    /// - Parameter name: what of the folder, such as a service; empty for all of it.
    /// - Throws: `Failure` where another process holds it.
    public init(folder: String, name: String = "") throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + (name.isEmpty ? "/.lock" : "/.\(name).lock")
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
        // The descriptor is closed by `deinit`, which runs after an initializer that has set everything and throws.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(description: "another agrovet process uses \(name.isEmpty ? "" : "\(name) in ")\(folder)")
        }
    }

    deinit {
        // Said aloud: a child that is just being started may share the descriptor until it runs its own program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
