import Foundation
import Synchronization

extension AgrovetProcess {
    /// The codec workers that write videos: those that may write files.
    public var videoWriters: [pid_t] {
        // The word, the memory that it may take, and the bytes that it may write.
        codecWorkers.filter { $0.words.count > 2 && Int($0.words[2]) ?? 0 > 0 }.map(\.processID)
    }

    /// The codec workers that run now, whatever they do.
    public var workers: [pid_t] { codecWorkers.map(\.processID) }

    /// Each with the words of its command, from `codec-worker` on.
    private var codecWorkers: [(processID: pid_t, words: [String])] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/task")) ?? []
        let children = tasks.flatMap { task in
            let list = (try? String(contentsOfFile: "/proc/\(processID)/task/\(task)/children", encoding: .utf8)) ?? ""
            return list.split(separator: " ").compactMap { pid_t($0) }
        }
        return children.compactMap { child in
            guard let line = FileManager.default.contents(atPath: "/proc/\(child)/cmdline") else { return nil }
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            guard let word = words.firstIndex(of: "codec-worker") else { return nil }
            return (child, Array(words[word...]))
        }
    }

    /// The first of them, waited for.
    public func firstVideoWriter() async throws -> pid_t {
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline {
            if let writer = videoWriters.first { return writer }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw Failure(description: "no video is written")
    }

    /// Stops each of them as soon as it is there, while something is done that would otherwise have to be quicker than a video is written.
    /// To be begun before the video is uploaded.
    /// - Parameter resuming: whether those that stand still go on afterwards.
    public func holdingVideoWriters<Value>(resuming: Bool = true, _ body: () async throws -> Value) async throws -> Value {
        let holder = WorkerHolder { self.videoWriters }
        defer { holder.letGo(resuming: resuming) }
        return try await body()
    }

    /// Stops every codec worker while something is done: what is not rendered yet stays so.
    public func holdingCodecWorkers<Value>(_ body: () async throws -> Value) async throws -> Value {
        let holder = WorkerHolder { self.workers }
        defer { holder.letGo(resuming: true) }
        return try await body()
    }
}

/// Stops workers from a thread of its own, which does not wait for its turn among the tests.
private final class WorkerHolder: Sendable {
    private let workers: @Sendable () -> [pid_t]
    private let isHolding = Mutex(true)

    init(_ workers: @escaping @Sendable () -> [pid_t]) {
        self.workers = workers
        for worker in workers() { kill(worker, SIGSTOP) }
        Thread.detachNewThread { [self] in
            while isHolding.withLock({ isHolding in
                if isHolding { for worker in workers() { kill(worker, SIGSTOP) } }
                return isHolding
            }) { usleep(2000) }
        }
    }

    func letGo(resuming: Bool) {
        isHolding.withLock { isHolding in
            isHolding = false
            // Those that came since the last look, too.
            for worker in workers() { kill(worker, resuming ? SIGCONT : SIGSTOP) }
        }
    }
}
