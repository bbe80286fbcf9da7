import TestSupport

/// One server for all clients, with two users: the one that clients run as, and another. The root key stands above every policy.
struct SharedS3: Sendable {
    let server: AgrovetProcess
    let own: S3KeyPair
    let other: S3KeyPair

    static let user = "ana"
    static let otherUser = "vecina"

    private static let started = Task {
        let server = try await AgrovetProcess.start()
        return SharedS3(
            server: server, own: try await server.addS3Key(user: user), other: try await server.addS3Key(user: otherUser))
    }

    static var running: SharedS3 { get async throws { try await started.value } }
}
