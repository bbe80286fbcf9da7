import Foundation
import Synchronization

/// A Python with packages from PyPI, in a folder beside the build; made once and kept.
public enum PythonEnvironment {
    private static let environments = Mutex<[String: Task<String, any Error>]>([:])

    /// The interpreter of an environment with these packages (as pip takes them, such as `standardwebhooks==1.1.0`).
    public static func interpreter(with packages: [String]) async throws -> String {
        let name = packages.sorted().joined(separator: "+").map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "+" ? $0 : "-" }
        let folder = Executables.packageRoot + "/.build/python/" + String(name)
        let task = environments.withLock { environments in
            if let known = environments[folder] { return known }
            let task = Task { try await make(folder, packages) }
            environments[folder] = task
            return task
        }
        return try await task.value
    }

    private static func make(_ folder: String, _ packages: [String]) async throws -> String {
        let interpreter = folder + "/bin/python3"
        let isComplete = folder + "/complete"
        if FileManager.default.fileExists(atPath: isComplete) { return interpreter }
        for command in [
            ["python3", "-m", "venv", "--clear", folder],
            [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + packages,
        ] {
            let result = try await ChildProcess.run(command[0], Array(command.dropFirst()), atMost: .seconds(600))
            guard result.status == 0 else {
                throw AgrovetProcess.Failure(description: "\(command.joined(separator: " ")): \(result.output)\(result.errors)")
            }
        }
        try Data().write(to: URL(fileURLWithPath: isComplete))
        return interpreter
    }
}
