import Foundation
import Logging
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
    init(folder: String, configuration: FileEventLog.Configuration, threads: NIOThreadPool, logger: Logger) throws {
        self.folder = folder
        self.configuration = configuration
        self.threads = threads
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            // The topic's own name must outlive a power cut as well.
            try LogSegment.synchronize(folder: (folder as NSString).deletingLastPathComponent)
            let bases = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap(LogSegment.base(ofName:)).sorted()
            var segments = bases.map { LogSegment(folder: folder, base: $0) }
            if segments.isEmpty { segments = [LogSegment(folder: folder, base: 0)] }
            recent = RecentIDs(capacity: configuration.rememberedIDs)
            for index in segments.indices.suffix(2) {
                let isLast = index == segments.count - 1
                let ids = try segments[index].load(repairing: isLast, lastIDs: configuration.rememberedIDs)
                for id in ids { recent.insert(id) }
                if segments[index].damaged > 0 {
                    logger.error(
                        "an event log is damaged; readers skip what cannot be read",
                        metadata: ["path": "\(segments[index].path)", "lines": "\(segments[index].damaged)"])
                }
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
        guard !events.isEmpty else { return }
        try await withCheckedThrowingContinuation { continuation in
            pending.append(Pending(events: events, continuation: continuation))
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
                // Looked up only now: an id that is known is durable, and not one that another's write may yet lose.
                var ids: Set<String> = []
                let fresh = batch.flatMap(\.events).filter { !recent.contains($0.id) && ids.insert($0.id).inserted }
                if !fresh.isEmpty { try await write(fresh) }
                for event in fresh { recent.insert(event.id) }
                for entry in batch { entry.continuation.resume() }
            } catch {
                for entry in batch { entry.continuation.resume(throwing: error) }
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
        let first = segments.lastIndex { $0.base <= start } ?? 0
        // On to the next where a damaged segment has nothing more.
        for segment in segments[first...] {
            let events = try await threads.runIfActive { try segment.read(from: start, limit: limit) }
            if !events.isEmpty { return events }
        }
        // Retention took the file meanwhile, or a person did: who asks again must not do so at once.
        await signal.wait(atMost: min(max(deadline - ContinuousClock.now, .zero), .seconds(1)))
        return []
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

    func contains(_ id: String) -> Bool { ids.contains(id) }

    mutating func insert(_ id: String) {
        guard ids.insert(id).inserted else { return }
        if order.count < capacity {
            order.append(id)
        } else {
            ids.remove(order[oldest])
            order[oldest] = id
            oldest = (oldest + 1) % capacity
        }
    }
}
