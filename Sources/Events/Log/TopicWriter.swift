import Foundation
import Synchronization

/// Appends to a topic, beside writers of other processes: one at a time has the lock of the topic's folder (flock(2) on `.lock`), takes in
/// what the others appended, writes, syncs, and says in `.end` how far readers may go. All of it blocks.
final class TopicWriter: Sendable {
    private static let lockName = "/.lock"

    private let lock: LogFile
    private let end: Mutex<TopicEnd>

    /// Opens a topic, and mends what a crash left of its last write.
    init(folder: String, configuration: FileEventLog.Configuration, commits: CommitFile) throws {
        let lock = try LogFile(folder + Self.lockName, O_RDWR | O_CREAT)!
        let end = try lock.locked {
            var end = try TopicEnd(folder: folder, configuration: configuration, commits: commits)
            try end.settle()
            return end
        }
        self.lock = lock
        self.end = Mutex(end!)
    }

    var commit: LogCommit { end.withLock { $0.commit } }
    /// Lines at the topic's end that could not be read.
    var damaged: Int { end.withLock { $0.damaged } }

    /// - Returns: the events that were new, at their places, and how far the topic goes now.
    func append(_ events: [CloudEvent]) throws -> (written: [LoggedEvent], commit: LogCommit) {
        try end.withLock { end in
            try lock.locked {
                try end.catchUp()
                return (try end.append(events), end.commit)
            }!
        }
    }

    /// Takes in what a writer left who died between its write and its word to the readers, unless another has the topic in hand.
    func settle() throws {
        try end.withLock { end in
            _ = try lock.locked(waits: false) {
                try end.catchUp()
                try end.settle()
            }
        }
    }
}
