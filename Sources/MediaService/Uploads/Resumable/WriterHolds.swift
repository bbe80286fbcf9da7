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
        /// Held by who only looks, and waited for by who writes.
        fileprivate let isBrief: Bool
        private let state = Mutex(State())

        fileprivate init(id: UploadID, isBrief: Bool) {
            self.id = id
            self.isBrief = isBrief
        }

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

    /// Waits for who looks at the upload; nil where another writes to it.
    package func take(_ id: UploadID) async -> Hold? {
        while let place = places[id] {
            guard place.hold.isBrief else { return nil }
            await withCheckedContinuation { places[id]?.waiting.append($0) }
        }
        return give(id, isBrief: false)
    }

    /// Takes it from a holder that has been silent for `silence`; waits for who looks at the upload; nil where another
    /// writes to it.
    /// - Parameter isBrief: whether others that want to write shall wait for this holder.
    package func takeOver(_ id: UploadID, silentFor silence: Duration, isBrief: Bool = false) async -> Hold? {
        while let place = places[id] {
            guard place.hold.isBrief || place.hold.stop(ifSilentFor: silence) else { return nil }
            await withCheckedContinuation { places[id]?.waiting.append($0) }
        }
        return give(id, isBrief: isBrief)
    }

    private func give(_ id: UploadID, isBrief: Bool) -> Hold {
        let hold = Hold(id: id, isBrief: isBrief)
        places[id] = Place(hold: hold)
        return hold
    }

    package func release(_ hold: Hold) {
        for continuation in places.removeValue(forKey: hold.id)?.waiting ?? [] { continuation.resume() }
    }
}
