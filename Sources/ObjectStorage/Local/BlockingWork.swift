import NIOPosix

extension NIOThreadPool {
    /// Runs blocking work on one of the pool's threads, whether or not the calling task is cancelled: what tidies up has to
    /// happen above all then, and `runIfActive` would not begin it.
    package func runToEnd<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            submit { state in
                switch state {
                case .active: continuation.resume(with: Result(catching: work))
                case .cancelled: continuation.resume(throwing: ObjectStoreError.failed("the store's threads have ended"))
                }
            }
        }
    }
}
