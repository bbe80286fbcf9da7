/// Wakes those who wait for something to happen. A wake-up that finds nobody waiting is kept for the next who comes.
public actor WakeUpSignal {
    private var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    private var nextTicket: UInt64 = 0
    private var isPending = false

    public init() {}

    public func wake() {
        isPending = waiting.isEmpty
        for continuation in waiting.values { continuation.resume() }
        waiting = [:]
    }

    /// Returns at a wake-up, after `limit`, or when the task is cancelled.
    public func wait(atMost limit: Duration) async {
        if isPending {
            isPending = false
            return
        }
        let ticket = nextTicket
        nextTicket += 1
        let timer = Task {
            try? await Task.sleep(for: limit)
            expire(ticket)
        }
        // The continuation is registered before this actor can run `expire`, so no wake-up is lost.
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting[ticket] = $0 }
        } onCancel: {
            Task { await self.expire(ticket) }
        }
        timer.cancel()
    }

    private func expire(_ ticket: UInt64) {
        waiting.removeValue(forKey: ticket)?.resume()
    }
}
