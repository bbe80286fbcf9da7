/// Who may render now: a pure state machine over bytes and threads. First come, first served: a small render does not
/// overtake a large one that waits, or the large one would starve.
package struct AdmissionQueue {
    package typealias ID = UInt64

    /// What became of a request.
    package enum Answer: Equatable {
        case admitted
        case waits
        /// It takes more than there is even when nothing else runs.
        case neverFits
    }

    /// Bytes that all who are admitted may take together.
    package let budget: Int
    /// How many may be admitted together.
    package let slots: Int
    package private(set) var running: [ID: Int] = [:]
    package private(set) var waiting: [(id: ID, bytes: Int)] = []
    /// Bytes of all who are admitted.
    package private(set) var reserved = 0

    package init(budget: Int, slots: Int) {
        precondition(budget > 0 && slots > 0)
        self.budget = budget
        self.slots = slots
    }

    package mutating func request(_ id: ID, bytes: Int) -> Answer {
        guard bytes <= budget else { return .neverFits }
        guard waiting.isEmpty && fits(bytes) else {
            waiting.append((id, bytes))
            return .waits
        }
        admit(id, bytes: bytes)
        return .admitted
    }

    /// One who was admitted is done. Returns those who are admitted for it.
    package mutating func finish(_ id: ID) -> [ID] {
        guard let bytes = running.removeValue(forKey: id) else { return [] }
        reserved -= bytes
        return admitFromFront()
    }

    /// One who waits gives up. Returns those who are admitted for it (the front may have held them up).
    package mutating func withdraw(_ id: ID) -> [ID] {
        waiting.removeAll { $0.id == id }
        return admitFromFront()
    }

    private mutating func admitFromFront() -> [ID] {
        var admitted: [ID] = []
        while let next = waiting.first, fits(next.bytes) {
            waiting.removeFirst()
            admit(next.id, bytes: next.bytes)
            admitted.append(next.id)
        }
        return admitted
    }

    private func fits(_ bytes: Int) -> Bool { running.count < slots && reserved + bytes <= budget }

    private mutating func admit(_ id: ID, bytes: Int) {
        running[id] = bytes
        reserved += bytes
    }
}
