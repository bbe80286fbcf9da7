import Foundation

/// A script that serves on 127.0.0.1, as a process of its own. It prints its port when it is ready.
public struct PythonServer: Sendable {
    public let port: Int
    private let process: ChildProcess

    /// - Parameter folder: for what it writes.
    public static func start(
        _ script: String, _ arguments: [String], python: String = "python3", folder: TemporaryFolder
    ) async throws -> PythonServer {
        let (output, errors) = (folder.path + "/port", folder.path + "/errors")
        let process = try ChildProcess(python, [script] + arguments, output: output, errors: errors)
        func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline, !process.hasExited {
            let line = text(output)
            if line.hasSuffix("\n"), let port = Int(line.dropLast()) { return PythonServer(port: port, process: process) }
            try await Task.sleep(for: .milliseconds(20))
        }
        process.kill(SIGKILL)
        throw AgrovetProcess.Failure(description: "\(script) did not start: \(text(errors))")
    }

    public func stop() async { _ = await ChildProcess.end(process.processID, with: SIGKILL, within: .seconds(30)) }
}
