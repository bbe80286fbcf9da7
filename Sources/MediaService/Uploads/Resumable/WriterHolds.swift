import Synchronization

/// Who writes to which upload: one at a time. A holder that may be stopped and has been silent for long enough loses its
/// place to the next who asks: a phone that changes from one network to another leaves a connection behind that is not
/// known to be dead for a minute.
package actor WriterHolds {
    /// The right to write to one upload, until it is released.
    package final class Hold: Sendable {
        private struct State {
            var lastSign = ContinuousClock.now
            var stop: (@Sendable () -> Void)?
        }

        let id: UploadID
        private let state = Mutex(State())

        fileprivate init(id: UploadID) { self.id = id }

        /// Bytes came.
        package func giveSign() { state.withLock { $0.lastSign = .now } }

        /// How to stop the holder; nil where it must not be stopped.
        package func mayBeStopped(by stop: (@Sendable () -> Void)?) { state.withLock { $0.stop = stop } }

        fileprivate func stop(ifSilentFor silence: Duration) -> Bool {
            let stop = state.withLock { ContinuousClock.now - $0.lastSign >= silence ? $0.stop : nil }
            stop?()
            return stop != nil
        }
    }

    private struct Place {
        let hold: Hold
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private var places: [UploadID: Place] = [:]

    package init() {}

    /// Nil where another has it.
    package func take(_ id: UploadID) -> Hold? {
        guard places[id] == nil else { return nil }
        let hold = Hold(id: id)
        places[id] = Place(hold: hold)
        return hold
    }

    /// Takes it from a holder that has been silent for `silence`; nil where there is another holder.
    package func takeOver(_ id: UploadID, silentFor silence: Duration) async -> Hold? {
        while let place = places[id] {
            guard place.hold.stop(ifSilentFor: silence) else { return nil }
            await withCheckedContinuation { places[id]?.waiting.append($0) }
        }
        return take(id)
    }

    package func release(_ hold: Hold) {
        for continuation in places.removeValue(forKey: hold.id)?.waiting ?? [] { continuation.resume() }
    }
}
