/// What `body` comes to within `limit`. One that takes longer is cancelled, and waited for.
/// - Throws: `error` where it took longer; what `body` throws.
package func withTimeLimit<Value: Sendable>(
    _ limit: Duration, else error: any Error, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(for: limit)
            throw error
        }
        defer { group.cancelAll() }
        return try await group.next()!
    }
}
