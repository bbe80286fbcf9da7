import Foundation

/// A small file system in memory, mounted for one test. Mounting needs root, which CI has; elsewhere it throws and says so.
public final class SmallDisk: Sendable {
    public let path: String
    private let folder: TemporaryFolder

    public init(mebibytes: Int) async throws {
        folder = try TemporaryFolder()
        path = folder.path + "/disk"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let mount = try await ChildProcess.run("mount", ["-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", path])
        guard mount.status == 0 else {
            throw AgrovetProcess.Failure(description: "this test mounts a tmpfs and needs root for it: \(mount.errors)")
        }
    }

    public func unmount() async throws { _ = try await ChildProcess.run("umount", ["-l", path]) }
}
