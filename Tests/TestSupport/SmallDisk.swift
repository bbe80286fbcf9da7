import Foundation

/// A small file system in memory, mounted for one test. Mounting needs root: who is not asks sudo, as `make test` did for packages.
public final class SmallDisk: Sendable {
    public let path: String
    private let folder: TemporaryFolder

    public init(mebibytes: Int) async throws {
        folder = try TemporaryFolder()
        path = folder.path + "/disk"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let mount = try await Self.asRoot(
            ["mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m,uid=\(getuid()),gid=\(getgid())", "tmpfs", path])
        guard mount.status == 0 else {
            throw AgrovetProcess.Failure(description: "this test mounts a tmpfs and needs root or sudo for it: \(mount.errors)")
        }
    }

    public func unmount() async throws { _ = try await Self.asRoot(["umount", "-l", path]) }

    private static func asRoot(_ command: [String]) async throws -> (status: Int32, output: String, errors: String) {
        let command = getuid() == 0 ? command : ["sudo", "-n"] + command
        return try await ChildProcess.run(command[0], Array(command.dropFirst()))
    }
}
