import Foundation
import TestSupport
import Testing

/// Runs the scripts of `Clients/`, which drive a server as its real clients do; each in a folder of its own that is its home as well.
enum ClientScript {
    /// Python's clients, in one environment for all.
    static let packages = [
        "awscli==1.46.3", "boto3[crt]==1.44.8", "django==5.2.19", "django-storages==1.14.6", "minio==7.2.20", "trustme==1.2.1",
    ]

    /// - Parameters:
    ///   - name: a Python or shell script of `Clients/`.
    ///   - prefersPython: finds programs of the Python environment before those of the system.
    /// - Returns: what it printed.
    @discardableResult
    static func run(
        _ name: String, prefersPython: Bool = false, environment: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let shared = try await SharedS3.running
        let folder = try TemporaryFolder()
        let clients = Executables.packageRoot + "/Tests/S3ClientsTests/Clients"
        let documented = folder.path + "/documented"
        try FileManager.default.createDirectory(atPath: documented, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: folder.path + "/home", withIntermediateDirectories: true)
        try DocumentedLines.write(to: documented, endpoint: shared.server.s3URL)
        let python = try await PythonEnvironment.interpreter(with: packages)
        let usual = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        var variables = [
            "S3_ENDPOINT": shared.server.s3URL, "AWS_ACCESS_KEY_ID": shared.own.id, "AWS_SECRET_ACCESS_KEY": shared.own.secret,
            "S3_OTHER_USER": SharedS3.otherUser, "S3_OTHER_ACCESS_KEY": shared.other.id, "S3_OTHER_SECRET_KEY": shared.other.secret,
            "DOCUMENTED": documented, "CLIENTS": clients, "HOME": folder.path + "/home", "AWS_MAX_ATTEMPTS": "1",
            "AWS_EC2_METADATA_DISABLED": "true", "PYTHONDONTWRITEBYTECODE": "1", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
            "PATH": prefersPython ? (python as NSString).deletingLastPathComponent + ":" + usual : usual,
        ]
        variables.merge(environment) { $1 }
        let program = name.hasSuffix(".py") ? python : "bash"
        let result = try await ChildProcess.run(
            "bash", ["-c", #"cd "$HOME" && exec "$0" "$1""#, program, clients + "/" + name], environment: variables, atMost: .seconds(600))
        #expect(result.status == 0, "\(name): \(result.output)\(result.errors)", sourceLocation: sourceLocation)
        return result.output
    }
}
