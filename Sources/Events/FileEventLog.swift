import Foundation
import Logging
import NIOPosix
import Persistence
import Synchronization

/// The embedded event log: a folder a topic, in it segments of lines that are only ever appended to.
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
    private let lock: FolderLock
    private let threads: NIOThreadPool
    private let logger: Logger
    private let topics = Mutex<[String: Task<TopicLog, any Error>]>([:])

    /// Opens the log; one process at a time may have it.
    /// - Throws: `FolderLock.Failure` where another process has it; `EventLogError`.
    public init(
        folder: String, configuration: Configuration = Configuration(), logger: Logger = Logger(label: "agrovet.events")
    ) throws {
        lock = try FolderLock(folder: folder)
        self.folder = folder
        self.configuration = configuration
        self.logger = logger
        threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
    }

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
        try await log(topic).endOffset
    }

    /// The topic's log; it is opened once, on a thread that may block.
    private func log(_ topic: String) async throws -> TopicLog {
        guard EventTopic.isValid(topic) else { throw EventLogError.invalidTopic(topic) }
        let (folder, configuration, threads, logger) = (folder + "/" + topic, configuration, threads, logger)
        let opening = topics.withLock { topics in
            if let task = topics[topic] { return task }
            let task = Task {
                try await threads.runIfActive {
                    try TopicLog(folder: folder, configuration: configuration, threads: threads, logger: logger)
                }
            }
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
}
