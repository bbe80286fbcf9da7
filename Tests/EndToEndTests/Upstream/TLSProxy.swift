import Foundation
import TestSupport

/// TLS in front of a server that speaks none.
enum TLSProxy {
    static func start(_ identity: (certificate: String, key: String), before port: Int) async throws -> PythonServer {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/tls_proxy.py"
        return try await PythonServer.start(script, [identity.certificate, identity.key, "\(port)"], folder: try TemporaryFolder())
    }
}
