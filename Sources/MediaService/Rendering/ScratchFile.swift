import Foundation
import ObjectStorage

/// An empty file that goes with its object.
final class ScratchFile: Sendable {
    let path: String
    private static let prefix = "video-"

    init(in folder: String) throws {
        path = "\(folder)/\(Self.prefix)\(UUID().uuidString.lowercased())"
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ObjectStoreError(errno: errno, "creating a temporary file") }
        close(descriptor)
    }

    deinit { unlink(path) }

    /// Removes what a crash left in the folder, of which this process is the only user.
    static func sweep(_ folder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix(prefix) { unlink("\(folder)/\(name)") }
    }
}
