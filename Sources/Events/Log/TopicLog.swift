import Foundation
import Logging
import NIOPosix

/// One topic of the embedded log, as one process has it open. Those who append at the same time share one write and one sync.
actor TopicLog {
    private struct Pending {
        let events: [CloudEvent]
        let continuation: CheckedContinuation<Void, any Error>
    }

    private let folder: String
    private let threads: LogThreads
    private let writer: TopicWriter
    private let commits: CommitFile
    /// How often the end is looked at where nobody tells of changes; nil where the system does.
    private let poll: Duration?

    private var commit: LogCommit
    private var segments: [LogSegment]
    private var tail = LogTail()
    private var pending: [Pending] = []
    private var isWriting = false
    /// Of those who wait for more, one each, so that none misses a wake-up that another took.
    private var waiting: [ObjectIdentifier: WakeUpSignal] = [:]

    /// Makes the folder of a topic. Blocks.
    static func create(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw EventLogError.failed("\(folder): \(error.localizedDescription)")
        }
        // The topic's own name must outlive a power cut as its events do.
        try LogFile.synchronize(folder: (folder as NSString).deletingLastPathComponent)
    }

    /// Opens the topic of a folder that there is. Blocks.
    init(folder: String, configuration: FileEventLog.Configuration, threads: LogThreads, poll: Duration?, logger: Logger) throws {
        self.folder = folder
        self.threads = threads
        self.poll = poll
        commits = try CommitFile(folder: folder)
        writer = try TopicWriter(folder: folder, configuration: configuration, commits: commits)
        let commit = writer.commit
        self.commit = commit
        segments = try Self.list(folder, commit)
        if writer.damaged > 0 {
            logger.error(
                "an event log is damaged; readers skip what cannot be read",
                metadata: ["folder": "\(folder)", "lines": "\(writer.damaged)"])
        }
    }

    // MARK: Appending

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
                let events = batch.flatMap(\.events)
                let (written, commit) = try await threads.writers.runIfActive { [writer] in try writer.append(events) }
                tail.add(written)
                try await take(commit)
                for entry in batch { entry.continuation.resume() }
            } catch {
                for entry in batch { entry.continuation.resume(throwing: error) }
            }
        }
        isWriting = false
        // What others appended meanwhile.
        try? await refresh()
    }

    // MARK: Following other processes

    /// Another process, or this one, has moved the end.
    func noticed() async {
        // Who writes here tells by itself.
        if !isWriting { try? await refresh() }
    }

    /// Looks how far the topic goes now.
    private func refresh() async throws {
        if let commit = commits.read() { try await take(commit) }
    }

    private func take(_ new: LogCommit) async throws {
        guard new.end > commit.end || new.base > commit.base else { return }
        if new.base == commit.base, let last = segments.indices.last, segments[last].base == new.base {
            segments[last].extend(to: new.bytes, from: commit.end)
            commit = new
        } else {
            commit = new
            try list()
        }
        for signal in waiting.values { await signal.wake() }
    }

    /// Looks which segments there are: once when one is begun, and where retention has taken one.
    private func list() throws {
        var listed = try Self.list(folder, commit)
        for index in listed.indices {
            guard var known = segments.first(where: { $0.base == listed[index].base }) else { continue }
            known.extend(to: listed[index].bytes, from: nil)
            listed[index] = known
        }
        segments = listed
    }

    private static func list(_ folder: String, _ commit: LogCommit) throws -> [LogSegment] {
        // One that is begun, but not told of yet, does not count.
        try LogSegment.bases(folder).filter { $0 <= commit.base }.map { base in
            LogSegment(folder: folder, base: base, bytes: base == commit.base ? commit.bytes : nil)
        }
    }

    // MARK: Reading

    func endOffset() async throws -> Int64 {
        try await refresh()
        return commit.end
    }

    /// The first offset that can still be read.
    func firstOffset() async throws -> Int64 {
        try await refresh()
        return segments.first?.base ?? commit.end
    }

    /// The first offsets of the segments.
    func segmentBases() async throws -> [Int64] {
        try await refresh()
        return segments.map(\.base)
    }

    func read(from offset: Int64, limit: Int, wait: Duration) async throws -> [LoggedEvent] {
        let deadline = ContinuousClock.now + wait
        let signal = WakeUpSignal()
        waiting[ObjectIdentifier(signal)] = signal
        defer { waiting[ObjectIdentifier(signal)] = nil }
        try await refresh()
        while offset >= commit.end {
            let left = deadline - ContinuousClock.now
            if left <= .zero {
                if wait > .zero { try await settle() }
                return []
            }
            try Task.checkCancellation()
            await signal.wait(atMost: poll.map { min($0, left) } ?? left)
            if poll != nil { try await refresh() }
        }
        if let events = tail.read(from: offset, limit: limit), events.count == limit || events.last?.offset == commit.end - 1 { return events }
        for _ in 0..<3 {
            if let events = try await readFiles(from: offset, limit: limit) { return events }
            // Retention took a file meanwhile.
            try list()
        }
        // A person did: who asks again must not do so at once.
        await signal.wait(atMost: min(max(deadline - ContinuousClock.now, .zero), .seconds(1)))
        return []
    }

    /// Nil where a file is gone.
    private func readFiles(from offset: Int64, limit: Int) async throws -> [LoggedEvent]? {
        guard let oldest = segments.first else { return nil }
        let start = max(offset, oldest.base)
        let first = segments.lastIndex { $0.base <= start } ?? 0
        // On to the next where a damaged segment has nothing more.
        for segment in segments[first...] {
            guard let (events, marks) = try await threads.readers.runIfActive({ try segment.read(from: start, limit: limit) })
            else { return nil }
            if let index = segments.firstIndex(where: { $0.base == segment.base }) { segments[index].learn(marks) }
            if let last = events.last {
                // Only those at the end are read again and again.
                if last.offset + Int64(LogTail.maximumCount) >= commit.end { tail.add(events) }
                return events
            }
        }
        return nil
    }

    /// A writer of another process may have died before it told of what it wrote.
    private func settle() async throws {
        guard let segment = segments.last, let known = segment.bytes else { return }
        let isMore = try await threads.readers.runIfActive { try (LogFile(segment.path, O_RDONLY)?.state().bytes ?? 0) > known }
        if isMore {
            try await threads.writers.runIfActive { [writer] in try writer.settle() }
            try await refresh()
        }
    }
}
