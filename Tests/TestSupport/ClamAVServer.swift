import Foundation

/// A real clamd with a signature database of its own, which knows one made-up pattern; on a socket in a temporary folder.
public final class ClamAVServer: Sendable {
    /// What the database knows, as bytes that stand nowhere else.
    public static let pattern = "AGROVET-TEST-PATTERN-5f2c1d0b9a7e"
    /// What it calls it; clamd adds `.UNOFFICIAL`.
    public static let signature = "Agrovet.Test.Pattern"

    /// For the setting `clamd`.
    public var address: String { "unix:" + socket }
    public let processID: pid_t
    private let socket: String
    private let folder: TemporaryFolder
    private let process: ChildProcess

    /// - Parameters:
    ///   - folder: of a server before it, to stand in its place.
    ///   - options: further lines of clamd.conf.
    public static func start(folder: TemporaryFolder? = nil, options: [String] = []) async throws -> ClamAVServer {
        let folder = try folder ?? TemporaryFolder()
        let (database, socket) = (folder.path + "/database", folder.path + "/clamd.sock")
        try FileManager.default.createDirectory(atPath: database, withIntermediateDirectories: true)
        let hex = pattern.utf8.map { String($0, radix: 16) }.joined()
        // Name, target (0: any file), offset, bytes.
        try "\(signature):0:*:\(hex)\n".write(toFile: database + "/test.ndb", atomically: true, encoding: .utf8)
        let lines =
            ["LocalSocket \(socket)", "DatabaseDirectory \(database)", "Foreground yes", "LogFile \(folder.path)/clamd.log"] + options
        try (lines.joined(separator: "\n") + "\n").write(toFile: folder.path + "/clamd.conf", atomically: true, encoding: .utf8)
        unlink(socket)
        let process = try ChildProcess(
            "/usr/sbin/clamd", ["--config-file=\(folder.path)/clamd.conf"], output: folder.path + "/out", errors: folder.path + "/errors")
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline, !process.hasExited {
            if Self.listens(at: socket) {
                return ClamAVServer(processID: process.processID, socket: socket, folder: folder, process: process)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        let log = ["out", "errors", "clamd.log"].map { (try? String(contentsOfFile: folder.path + "/" + $0, encoding: .utf8)) ?? "" }
        throw AgrovetProcess.Failure(description: "clamd did not start; `make test` installs it: \(log.joined())")
    }

    /// The file is there a moment before anybody may connect to it.
    private static func listens(at path: String) -> Bool {
        #if os(Linux)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        let descriptor = Foundation.socket(AF_UNIX, stream, 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) } == 0
        }
    }

    private init(processID: pid_t, socket: String, folder: TemporaryFolder, process: ChildProcess) {
        self.processID = processID
        self.socket = socket
        self.folder = folder
        self.process = process
    }

    /// A server in the place of this one, after `stop`.
    public func again(options: [String] = []) async throws -> ClamAVServer { try await Self.start(folder: folder, options: options) }

    public func stop() async {
        process.kill(SIGKILL)
        _ = await process.wait(atMost: .seconds(30))
    }

    /// Stands still, and takes connections all the same: what a scanner that hangs looks like.
    public func pause() { process.kill(SIGSTOP) }
    public func resume() { process.kill(SIGCONT) }
}
