import Foundation
import NIOPosix
import Persistence

/// One topic of the embedded log. Those who append at the same time share one write and one sync.
actor TopicLog {
    private struct Pending {
        let events: [CloudEvent]
        let continuation: CheckedContinuation<Void, any Error>
    }

    private let folder: String
    private let configuration: FileEventLog.Configuration
    private let threads: NIOThreadPool
    private var segments: [LogSegment]
    private var recent: RecentIDs
    private var pending: [Pending] = []
    private var isWriting = false
    /// Of those who wait for more, one each, so that none misses a wake-up that another took.
    private var waiting: [ObjectIdentifier: WakeUpSignal] = [:]

    /// The offset that the next event will get.
    private(set) var endOffset: Int64

    /// Reads the last segment, and cuts off what a crash left of a last write. Blocks.
    init(folder: String, configuration: FileEventLog.Configuration, threads: NIOThreadPool) throws {
        self.folder = folder
        self.configuration = configuration
        self.threads = threads
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let bases = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap(LogSegment.base(ofName:)).sorted()
            var segments = bases.map { LogSegment(folder: folder, base: $0) }
            if segments.isEmpty { segments = [LogSegment(folder: folder, base: 0)] }
            recent = RecentIDs(capacity: configuration.rememberedIDs)
            for index in segments.indices.suffix(2) {
                let isLast = index == segments.count - 1
                let events = try segments[index].load(repairing: isLast)
                for event in events { recent.insert(event.event.id) }
            }
            endOffset = segments[segments.count - 1].end
            self.segments = segments
        } catch let error as EventLogError {
            throw error
        } catch {
            throw EventLogError.failed("\(folder): \(error.localizedDescription)")
        }
    }

    func append(_ events: [CloudEvent]) async throws {
        let fresh = events.filter { recent.insert($0.id) }
        guard !fresh.isEmpty else { return }
        try await withCheckedThrowingContinuation { continuation in
            pending.append(Pending(events: fresh, continuation: continuation))
            if !isWriting {
                isWriting = true
                Task { await write() }
            }
        }
    }

    /// Writes what is pending until nothing is.
    private func write() async {
        while !pending.isEmpty {
            let batch = pending
            pending = []
            do {
                try await write(batch.flatMap(\.events))
                for entry in batch { entry.continuation.resume() }
            } catch {
                for entry in batch {
                    for event in entry.events { recent.remove(event.id) }
                    entry.continuation.resume(throwing: error)
                }
            }
        }
        isWriting = false
    }

    private func write(_ events: [CloudEvent]) async throws {
        if segments[segments.count - 1].bytes >= configuration.segmentBytes { try await roll() }
        let last = segments.count - 1
        let segment = segments[last]
        let written = try await threads.runIfActive {
            var segment = segment
            try segment.append(events)
            return segment
        }
        segments[last] = written
        endOffset = written.end
        for signal in waiting.values { await signal.wake() }
    }

    /// Begins a new segment and lets go of the oldest that are too many or too old.
    private func roll() async throws {
        segments.append(LogSegment(folder: folder, base: endOffset))
        let oldest = Date(timeIntervalSinceNow: -(configuration.retentionAge / .seconds(1)))
        var total = segments.reduce(0) { $0 + $1.bytes }
        while segments.count > 2, total > configuration.retentionBytes || segments[0].modified < oldest {
            let gone = segments.removeFirst()
            total -= gone.bytes
            try await threads.runIfActive { gone.remove() }
        }
    }

    func read(from offset: Int64, limit: Int, wait: Duration) async throws -> [LoggedEvent] {
        let deadline = ContinuousClock.now + wait
        let signal = WakeUpSignal()
        waiting[ObjectIdentifier(signal)] = signal
        defer { waiting[ObjectIdentifier(signal)] = nil }
        while offset >= endOffset {
            let left = deadline - ContinuousClock.now
            if left <= .zero { return [] }
            try Task.checkCancellation()
            await signal.wait(atMost: left)
        }
        let start = max(offset, segments[0].base)
        guard let segment = segments.last(where: { $0.base <= start }) else { return [] }
        return try await threads.runIfActive { try segment.read(from: start, limit: limit) }
    }
}

/// The ids of the last events, a bounded number of them.
struct RecentIDs {
    private let capacity: Int
    private var ids: Set<String> = []
    private var order: [String] = []
    private var oldest = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// False where the id is known.
    @discardableResult
    mutating func insert(_ id: String) -> Bool {
        guard ids.insert(id).inserted else { return false }
        if order.count < capacity {
            order.append(id)
        } else {
            ids.remove(order[oldest])
            order[oldest] = id
            oldest = (oldest + 1) % capacity
        }
        return true
    }

    /// The place in the order stays: it only costs one place of the capacity.
    mutating func remove(_ id: String) { ids.remove(id) }
}
