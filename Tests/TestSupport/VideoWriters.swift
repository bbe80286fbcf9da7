import Foundation
import Synchronization

extension AgrovetProcess {
    /// The codec workers that write videos: those that may write files.
    public var videoWriters: [pid_t] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/task")) ?? []
        let children = tasks.flatMap { task in
            let list = (try? String(contentsOfFile: "/proc/\(processID)/task/\(task)/children", encoding: .utf8)) ?? ""
            return list.split(separator: " ").compactMap { pid_t($0) }
        }
        return children.filter { child in
            guard let line = FileManager.default.contents(atPath: "/proc/\(child)/cmdline") else { return false }
            // The word, the memory that it may take, and the bytes that it may write.
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            guard let word = words.firstIndex(of: "codec-worker"), words.count > word + 2 else { return false }
            return Int(words[word + 2]) ?? 0 > 0
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
        let holder = VideoWriterHolder(self)
        defer { holder.letGo(resuming: resuming) }
        return try await body()
    }
}

/// Stops the writers from a thread of its own, which does not wait for its turn among the tests.
private final class VideoWriterHolder: Sendable {
    private let server: AgrovetProcess
    private let isHolding = Mutex(true)

    init(_ server: AgrovetProcess) {
        self.server = server
        Thread.detachNewThread { [self] in
            while isHolding.withLock({ isHolding in
                if isHolding { for writer in server.videoWriters { kill(writer, SIGSTOP) } }
                return isHolding
            }) { usleep(2000) }
        }
    }

    func letGo(resuming: Bool) {
        isHolding.withLock { isHolding in
            isHolding = false
            // Those that came since the last look, too.
            for writer in server.videoWriters { kill(writer, resuming ? SIGCONT : SIGSTOP) }
        }
    }
}
