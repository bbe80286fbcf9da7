import Codecs
import Synchronization

/// Lets tasks wait, without holding a thread, for room to render in: `AdmissionQueue` with continuations.
package final class MemoryBudget: Sendable {
    private typealias Sleeper = CheckedContinuation<Void, any Error>
    private struct State {
        var queue: AdmissionQueue
        var sleepers: [AdmissionQueue.ID: Sleeper] = [:]
        var nextID: AdmissionQueue.ID = 0
    }
    private let state: Mutex<State>
    private let setting: CodecError.LimitSetting

    /// - Parameter setting: what bounds the bytes, for the one who asks for more.
    package init(bytes: Int, slots: Int, setting: CodecError.LimitSetting = .renderMemory) {
        self.setting = setting
        state = Mutex(State(queue: AdmissionQueue(budget: bytes, slots: slots)))
    }

    package var load: (running: Int, waiting: Int, reservedBytes: Int) {
        state.withLock { ($0.queue.running.count, $0.queue.waiting.count, $0.queue.reserved) }
    }

    /// Runs `body` while `bytes` are reserved for it.
    ///
    /// - Throws: `CodecError.overMemoryBudget`, `CancellationError` while waiting, and what `body` throws.
    package func withReservation<Result: Sendable>(of bytes: Int, _ body: () async throws -> Result) async throws -> Result {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enter(id, bytes: bytes, continuation)
            }
        } onCancel: {
            leaveQueue(id)
        }
        // Once more: a cancellation may have come after admission.
        defer { wake(state.withLock { state in state.queue.finish(id).compactMap { state.sleepers.removeValue(forKey: $0) } }) }
        try Task.checkCancellation()
        return try await body()
    }

    private func enter(_ id: AdmissionQueue.ID, bytes: Int, _ continuation: Sleeper) {
        let outcome: Result<Void, any Error>? = state.withLock { state in
            // Looked at under the lock: a cancellation after this finds the sleeper.
            if Task.isCancelled { return .failure(CancellationError()) }
            switch state.queue.request(id, bytes: bytes) {
            case .admitted: return .success(())
            case .neverFits:
                return .failure(CodecError.overMemoryBudget(needed: bytes, allowed: state.queue.budget, setting: setting))
            case .waits:
                state.sleepers[id] = continuation
                return nil
            }
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    private func leaveQueue(_ id: AdmissionQueue.ID) {
        let (cancelled, admitted) = state.withLock { state -> (Sleeper?, [Sleeper]) in
            guard let sleeper = state.sleepers.removeValue(forKey: id) else { return (nil, []) }
            return (sleeper, state.queue.withdraw(id).compactMap { state.sleepers.removeValue(forKey: $0) })
        }
        cancelled?.resume(throwing: CancellationError())
        wake(admitted)
    }

    private func wake(_ sleepers: [Sleeper]) {
        for sleeper in sleepers { sleeper.resume() }
    }
}
