/// The last events of a topic, kept in memory for the many who follow it: each is read from the disk once, if at all.
struct LogTail: Sendable {
    private var events: [LoggedEvent] = []
    private var bytes = 0

    static let maximumCount = 1000
    static let maximumBytes = 1024 * 1024

    /// Takes events in that stand behind those that are here; others take their place.
    mutating func add(_ new: [LoggedEvent]) {
        guard let first = new.first, let last = new.last else { return }
        if let known = events.last {
            if last.offset <= known.offset { return }
            if first.offset > known.offset + 1 { self = LogTail() }
        }
        for logged in new where logged.offset > events.last?.offset ?? -1 {
            events.append(logged)
            bytes += Self.size(logged)
        }
        // Half of it at once, so that not every event moves all others.
        guard events.count > 2 * Self.maximumCount || bytes > 2 * Self.maximumBytes else { return }
        var kept = events.endIndex
        var (count, size) = (0, 0)
        while kept > 0, count < Self.maximumCount, size + Self.size(events[kept - 1]) <= Self.maximumBytes {
            kept -= 1
            count += 1
            size += Self.size(events[kept])
        }
        events.removeFirst(kept)
        bytes = size
    }

    /// Events from `offset` on; nil where it stands before those that are here, or behind.
    func read(from offset: Int64, limit: Int) -> [LoggedEvent]? {
        guard let first = events.first, let last = events.last, offset >= first.offset, offset <= last.offset else { return nil }
        // Without gaps but where one is damaged: it stands at most so far on.
        var index = min(Int(offset - first.offset), events.count - 1)
        while index > 0, events[index - 1].offset >= offset { index -= 1 }
        return Array(events[index...].prefix(limit))
    }

    private static func size(_ logged: LoggedEvent) -> Int { logged.event.data.utf8.count + 300 }
}
