import TestSupport

/// One server for all clients, with a user beside root.
struct SharedS3: Sendable {
    let server: AgrovetProcess
    let other: S3KeyPair

    static let otherUser = "vecina"

    private static let started = Task {
        let server = try await AgrovetProcess.start()
        return SharedS3(server: server, other: try await server.addS3Key(user: otherUser))
    }

    static var running: SharedS3 { get async throws { try await started.value } }
}
