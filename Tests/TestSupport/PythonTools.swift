import Foundation

/// Programs from PyPI in a virtual environment of the tests' own, kept in `.build` so that it is made once.
public enum PythonTools {
    private static let made = Task { try await make() }

    /// The environment's interpreter.
    public static var python: String { get async throws { try await made.value } }

    private static let packages = ["tuspy==1.1.0"]

    private static func make() async throws -> String {
        let folder = Executables.packageRoot + "/.build/python-tools"
        let (python, mark) = (folder + "/bin/python", folder + "/packages")
        let wanted = packages.joined(separator: "\n")
        if (try? String(contentsOfFile: mark, encoding: .utf8)) == wanted { return python }
        try await run("python3", ["-m", "venv", "--clear", folder])
        try await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + packages)
        try wanted.write(toFile: mark, atomically: true, encoding: .utf8)
        return python
    }

    private static func run(_ program: String, _ arguments: [String]) async throws {
        let result = try await ChildProcess.run(program, arguments, atMost: .seconds(300))
        guard result.status == 0 else { throw AgrovetProcess.Failure(description: "\(program): \(result.errors)\(result.output)") }
    }
}
