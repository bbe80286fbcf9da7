import Foundation
import Synchronization

/// A real PostgreSQL server on a free port, with its data in a temporary folder; one for all tests of a process.
public final class PostgreSQLServer: Sendable {
    private static let started = Task { try await PostgreSQLServer() }

    /// The server that all tests share. Where PostgreSQL is not installed, the test that asks for it fails.
    public static var shared: PostgreSQLServer { get async throws { try await started.value } }

    private let folder: String
    private let port: Int
    private let binaries: String
    private let databases = Mutex(0)

    /// Starts a server. It ends with the test process, and its folder goes.
    public init() async throws {
        binaries = try Self.findBinaries()
        folder = FileManager.default.temporaryDirectory.path + "/agrovet-postgresql-" + UUID().uuidString.lowercased()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        port = try FreePort.take()
        if getuid() == 0 { _ = try await ChildProcess.run("chown", [Self.user, folder]) }
        try await run("initdb", ["-D", folder + "/data", "-U", Self.owner, "--auth=trust", "--encoding=UTF8", "--no-sync"])
        try await start()
    }

    /// A new, empty database; its connection URI.
    public func makeDatabase() async throws -> String {
        let name = databases.withLock { count in
            count += 1
            return "test\(count)"
        }
        try await run("createdb", ["-h", "127.0.0.1", "-p", "\(port)", "-U", Self.owner, name])
        return "postgresql://\(Self.owner)@127.0.0.1:\(port)/\(name)"
    }

    /// The same, for a role that may have so many connections.
    public func makeDatabase(connectionsOfRole limit: Int) async throws -> String {
        let url = try await makeDatabase()
        let name = String(url.split(separator: "/").last!)
        try await run(
            "psql",
            ["-h", "127.0.0.1", "-p", "\(port)", "-U", Self.owner, "-c", "CREATE ROLE \(name) LOGIN CONNECTION LIMIT \(limit)", name])
        return url.replacing("\(Self.owner)@", with: "\(name)@")
    }

    /// What an administrator does in the middle of the day: every connection breaks.
    public func restart() async throws {
        try await run("pg_ctl", ["-D", folder + "/data", "-m", "fast", "-w", "stop"])
        try await start()
    }

    /// A child of this process rather than of `pg_ctl`, so that it can be ended with it.
    private func start() async throws {
        var arguments = [
            "-D", folder + "/data", "-p", "\(port)", "-h", "127.0.0.1", "-k", folder, "-c", "fsync=off", "-c", "max_connections=800",
        ]
        var executable = binaries + "/postgres"
        if getuid() == 0 {
            arguments = ["--reuid=\(Self.user)", "--regid=\(Self.user)", "--init-groups", executable] + arguments
            executable = "setpriv"
        }
        let server = try ChildProcess(
            executable, arguments, output: folder + ".out", errors: folder + ".log", folders: [folder, folder + ".out", folder + ".log"],
            // An immediate shutdown, which ends its own children too.
            lastSignal: SIGQUIT)
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline, !server.hasExited {
            let ready = try await ChildProcess.run(binaries + "/pg_isready", ["-h", "127.0.0.1", "-p", "\(port)", "-q"])
            if ready.status == 0 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw AgrovetProcess.Failure(
            description: "PostgreSQL did not start: \((try? String(contentsOfFile: folder + ".log", encoding: .utf8)) ?? "")")
    }

    private static let owner = "agrovet"
    /// PostgreSQL refuses to run as root.
    private static let user = "postgres"

    private func run(_ tool: String, _ arguments: [String]) async throws {
        var command = [binaries + "/" + tool] + arguments
        if getuid() == 0 { command = ["setpriv", "--reuid=\(Self.user)", "--regid=\(Self.user)", "--init-groups"] + command }
        let result = try await ChildProcess.run(command[0], Array(command.dropFirst()), environment: ["LC_ALL": "C.UTF-8"])
        guard result.status == 0 else { throw AgrovetProcess.Failure(description: "\(tool): \(result.errors)\(result.output)") }
    }

    private static func findBinaries() throws -> String {
        let versions = "/usr/lib/postgresql"
        let found = (try? FileManager.default.contentsOfDirectory(atPath: versions)) ?? []
        let folders =
            found.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(versions)/\($0)/bin" } + ["/opt/homebrew/bin", "/usr/local/bin"]
        guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") }) else {
            throw AgrovetProcess.Failure(description: "PostgreSQL's server is not installed; `make test` installs it")
        }
        return folder
    }
}
