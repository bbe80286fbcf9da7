/// Lets the writers of one process run side by side, and one without the others that keeps losing against them: a long transaction
/// among many short ones would lose for as long as they come.
actor WriteTurns {
    private var running = 0
    private var isOneAlone = false
    private var waiting: [(alone: Bool, continuation: CheckedContinuation<Void, Never>)] = []

    /// First come, first served: those who come behind one that is to be alone wait for it.
    func take<T: Sendable>(alone: Bool, _ body: @Sendable () async throws -> T) async throws -> T {
        if waiting.isEmpty, mayBegin(alone: alone) {
            begin(alone: alone)
        } else {
            await withCheckedContinuation { waiting.append((alone, $0)) }
        }
        defer { end() }
        return try await body()
    }

    private func mayBegin(alone: Bool) -> Bool { !isOneAlone && (!alone || running == 0) }

    private func begin(alone: Bool) {
        running += 1
        isOneAlone = alone
    }

    private func end() {
        running -= 1
        isOneAlone = false
        while let next = waiting.first, mayBegin(alone: next.alone) {
            waiting.removeFirst()
            begin(alone: next.alone)
            next.continuation.resume()
        }
    }
}
