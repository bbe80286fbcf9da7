import Events

/// Tells those who wait for a media item that its render job has been settled (or given back).
actor SettledSignal {
    private var waiting: [MediaID: [WakeUpSignal]] = [:]

    func settle(_ id: MediaID) async {
        for signal in waiting[id] ?? [] { await signal.wake() }
    }

    /// Calls `isSettled` until it says so, at each signal and once a second (another process may settle the job), or
    /// until `limit` has passed.
    func wait(for id: MediaID, atMost limit: Duration, until isSettled: @Sendable () async throws -> Bool) async throws {
        let signal = WakeUpSignal()
        waiting[id, default: []].append(signal)
        defer { remove(signal, of: id) }
        let end = ContinuousClock.now + limit
        while try await !isSettled() {
            let left = end - ContinuousClock.now
            if left <= .zero || Task.isCancelled { return }
            await signal.wait(atMost: min(left, .seconds(1)))
        }
    }

    private func remove(_ signal: WakeUpSignal, of id: MediaID) {
        waiting[id]?.removeAll { $0 === signal }
        if waiting[id]?.isEmpty == true { waiting[id] = nil }
    }
}
