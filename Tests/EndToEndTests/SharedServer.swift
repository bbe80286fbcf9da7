import TestSupport

/// One server for all tests that only use its API and leave it as it is.
enum SharedServer {
    private static let started = Task { try await AgrovetProcess.start() }

    static var process: AgrovetProcess { get async throws { try await started.value } }
    static var client: HTTPTestClient { get async throws { HTTPTestClient(try await process) } }
}
