import Foundation

/// A certificate authority of a test's own, made by openssl.
public struct PrivateAuthority: Sendable {
    public let folder: TemporaryFolder
    /// PEM.
    public var certificate: String { folder.path + "/ca.pem" }

    public init() async throws {
        folder = try TemporaryFolder()
        try await openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj",
            "/CN=An authority of a test", "-addext", "keyUsage=critical,keyCertSign")
    }

    /// A server's certificate, with its key.
    /// - Parameter names: such as `DNS:localhost,IP:127.0.0.1`.
    public func issue(_ names: String) async throws -> (certificate: String, key: String) {
        let name = UUID().uuidString
        try await openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "\(name).key", "-out", "\(name).csr", "-subj", "/CN=A server")
        try "subjectAltName=\(names)\n".write(toFile: folder.path + "/\(name).ext", atomically: true, encoding: .utf8)
        try await openssl(
            "x509", "-req", "-in", "\(name).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile",
            "\(name).ext", "-out", "\(name).pem")
        return (folder.path + "/\(name).pem", folder.path + "/\(name).key")
    }

    private func openssl(_ arguments: String...) async throws {
        let result = try await ChildProcess.run("sh", ["-c", "cd \"$0\" && exec openssl \"$@\"", folder.path] + arguments)
        guard result.status == 0 else { throw AgrovetProcess.Failure(description: "openssl: \(result.errors)") }
    }
}
