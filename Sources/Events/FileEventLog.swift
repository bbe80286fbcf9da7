import Foundation
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
    private let topics = Mutex<[String: TopicLog]>([:])

    /// Opens the log; one process at a time may have it.
    /// - Throws: `FolderLock.Failure` where another process has it; `EventLogError`.
    public init(folder: String, configuration: Configuration = Configuration()) throws {
        lock = try FolderLock(folder: folder)
        self.folder = folder
        self.configuration = configuration
        threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
    }

    public func append(_ events: [CloudEvent], to topic: String) async throws {
        try await log(topic).append(events)
    }

    public func read(topic: String, from offset: Int64, limit: Int, wait: Duration) async throws -> [LoggedEvent] {
        try await log(topic).read(from: offset, limit: limit, wait: wait)
    }

    public func endOffset(of topic: String) async throws -> Int64 {
        try await log(topic).endOffset
    }

    private func log(_ topic: String) throws -> TopicLog {
        let isWord = topic.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
                || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains($0)
        }
        guard (1...128).contains(topic.utf8.count), isWord, topic.first != "." else { throw EventLogError.invalidTopic(topic) }
        return try topics.withLock { topics in
            if let open = topics[topic] { return open }
            let log = try TopicLog(folder: folder + "/" + topic, configuration: configuration, threads: threads)
            topics[topic] = log
            return log
        }
    }
}
