import Foundation
import TestSupport
import Testing

/// A small file system in memory, mounted for one test. Mounting needs root, which CI has; elsewhere the test fails and
/// says so.
final class SmallDisk {
    let path: String
    private let folder: TemporaryFolder

    init(mebibytes: Int) async throws {
        folder = try TemporaryFolder()
        path = folder.path + "/disk"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let mount = try await ChildProcess.run("mount", ["-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", path])
        try #require(mount.status == 0, "this test mounts a tmpfs and needs root for it: \(mount.errors)")
    }

    func unmount() async throws { _ = try await ChildProcess.run("umount", ["-l", path]) }
}
