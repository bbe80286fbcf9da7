import Foundation

/// Makes names that were added to a folder, or taken from it, survive a power cut.
package enum FolderSync {
    package static func synchronize(_ path: String) throws(ObjectStoreError) {
        let descriptor = Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ObjectStoreError(errno: errno, "opening a folder") }
        defer { Foundation.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw ObjectStoreError(errno: errno, "syncing a folder") }
    }
}
