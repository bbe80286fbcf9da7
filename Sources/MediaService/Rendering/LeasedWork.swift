import Foundation

extension RenderQueue.Lease {
    /// Runs `body` and gives a sign of life meanwhile, however long it takes.
    func held<Result: Sendable>(in core: MediaCore, _ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            // Dies with the attempt.
            group.addTask {
                while true {
                    do { try await Task.sleep(for: core.settings.lease / 3) } catch { return nil }
                    try? await core.renew(self)
                }
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
