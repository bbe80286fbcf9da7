import Foundation
import Logging
import Synchronization

/// The embedded event log: a folder a topic, in it segments of lines that are only ever appended to. Any number of processes of one machine
/// append to it and read from it at once; the folder has to be on a local disk.
///
///     <topic>/<first offset>.log    segments
///     <topic>/.lock                 held by the process that appends (flock(2)), for one write and sync
///     <topic>/.end                  how far the topic is durable; who reads is told by its change
public final class FileEventLog: EventLog {
    public struct Configuration: Sendable {
        /// Bytes after which a new segment is begun.
        public var segmentBytes = 8 * 1024 * 1024
        /// Bytes of a topic before its oldest segments go.
        public var retentionBytes = 1024 * 1024 * 1024
        /// Age after which a segment goes.
        public var retentionAge = Duration.seconds(30 * 86_400)
        /// Events of a topic whose ids are remembered, so that one that is sent again is dropped.
        public var rememberedIDs = 10_000

        public init() {}
    }

    private let folder: String
    private let configuration: Configuration
    private let threads = LogThreads()
    /// Nil where the system does not tell of changes: they are looked for then.
    private let watch = LogWatch()
    private let logger: Logger
    private let topics = Mutex<[String: Task<TopicLog, any Error>]>([:])

    /// How often the end is looked at where the system does not tell of changes.
    private static let poll = Duration.milliseconds(100)

    /// - Throws: `EventLogError`.
    public init(
        folder: String, configuration: Configuration = Configuration(), logger: Logger = Logger(label: "agrovet.events")
    ) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw EventLogError.failed("\(folder): \(error.localizedDescription)")
        }
        self.folder = folder
        self.configuration = configuration
        self.logger = logger
    }

    deinit { threads.close() }

    public func append(_ events: [CloudEvent], to topic: String) async throws {
        if let event = events.first(where: { !$0.isWellFormed }) {
            throw EventLogError.failed("the event \(event.id) is not well formed")
        }
        try await log(topic).append(events)
    }

    public func read(topic: String, from offset: Int64, limit: Int, wait: Duration) async throws -> [LoggedEvent] {
        try await log(topic).read(from: offset, limit: limit, wait: wait)
    }

    public func endOffset(of topic: String) async throws -> Int64 {
        try await log(topic).endOffset()
    }

    /// The first offset of a topic that is retained.
    public func firstOffset(of topic: String) async throws -> Int64 {
        try await log(topic).firstOffset()
    }

    /// The topics that there are, sorted. Blocks for a listing.
    public func topicNames() throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).filter(EventTopic.isValid).sorted()
        } catch {
            throw EventLogError.failed("\(folder): \(error.localizedDescription)")
        }
    }

    /// The offset of the first event that happened at `time` or later; the topic's end where there is none.
    public func offset(of topic: String, at time: Date) async throws -> Int64 {
        let log = try await log(topic)
        let bases = try await log.segmentBases()
        // The last segment that begins before the time: what is wanted is in it, or in the next.
        var next = bases.first ?? 0
        for base in bases.reversed() {
            if let first = try await log.read(from: base, limit: 1, wait: .zero).first, first.event.time < time {
                next = base
                break
            }
        }
        while true {
            let batch = try await log.read(from: next, limit: 1000, wait: .zero)
            guard let last = batch.last else { return try await log.endOffset() }
            if let found = batch.first(where: { $0.event.time >= time }) { return found.offset }
            next = last.offset + 1
        }
    }

    /// The topic's log; it is opened once, on a thread that may block.
    private func log(_ topic: String) async throws -> TopicLog {
        guard EventTopic.isValid(topic) else { throw EventLogError.invalidTopic(topic) }
        let opening = topics.withLock { topics in
            if let task = topics[topic] { return task }
            let task = Task { try await open(topic) }
            topics[topic] = task
            return task
        }
        do {
            return try await opening.value
        } catch {
            // The next who asks tries again.
            topics.withLock { if $0[topic] == opening { $0[topic] = nil } }
            throw error
        }
    }

    private func open(_ topic: String) async throws -> TopicLog {
        let (path, configuration, threads, watch, logger) = (folder + "/" + topic, configuration, threads, watch, logger)
        return try await threads.writers.runIfActive {
            let follower = Follower()
            try TopicLog.create(path)
            // Before the log looks where its end is, so that no change is missed between the two.
            _ = try CommitFile(folder: path)
            let isWatched = watch?.add(path + CommitFile.name) { follower.notice() } == true
            let log = try TopicLog(
                folder: path, configuration: configuration, threads: threads, poll: isWatched ? nil : Self.poll, logger: logger)
            follower.follow(log)
            return log
        }
    }
}

/// Hands the news of a file to the log that follows it.
private final class Follower: Sendable {
    private let log = Mutex<TopicLog?>(nil)

    func follow(_ log: TopicLog) {
        self.log.withLock { $0 = log }
        notice()
    }

    func notice() {
        guard let log = log.withLock({ $0 }) else { return }
        Task { await log.noticed() }
    }
}
