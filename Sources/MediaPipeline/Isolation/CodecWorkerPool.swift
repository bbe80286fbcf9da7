import Codecs
import Foundation
import NIOPosix
import Synchronization

/// The codec workers of a pipeline. Started when they are needed, kept for the next job, replaced when they die.
final class CodecWorkerPool: Sendable {
    private let isolation: CodecIsolation
    private let settings: PipelineSettings
    private let threads: NIOThreadPool
    private let idle = Mutex<[CodecProcess]>([])

    /// How often a job is tried again whose worker was killed from outside.
    private static let mostKills = 10
    /// How often a job is tried whose worker died of it.
    private static let mostCrashes = 2

    init(_ isolation: CodecIsolation, settings: PipelineSettings, threads: NIOThreadPool) {
        self.isolation = isolation
        self.settings = settings
        self.threads = threads
    }

    /// Ends every idle worker.
    func close() {
        let ended = idle.withLock { idle in
            defer { idle = [] }
            return idle
        }
        for process in ended { process.end() }
    }

    func info(_ task: WorkerRequest.Task, path: String) async throws -> ImageInfo {
        switch try await run(task, path: path) {
        case (.info(let info), _): return info
        case (.failed(let error), _): throw error
        case (.rendered, _): throw CodecError.failed("the codec worker's answer is to another question")
        }
    }

    func render(_ work: RenderWork, path: String) async throws -> RenderResult {
        switch try await run(.render(work), path: path) {
        case (.rendered(let header), let bytes): return RenderResult(header, bytes: bytes)
        case (.failed(let error), _): throw error
        case (.info, _): throw CodecError.failed("the codec worker's answer is to another question")
        }
    }

    /// Hands the job to a worker; to another one where that dies of something that need not be the file's fault.
    private func run(_ task: WorkerRequest.Task, path: String) async throws -> (WorkerReply, [[UInt8]]) {
        var kills = 0
        var crashes = 0
        while true {
            try Task.checkCancellation()
            do {
                return try await attempt(task, path: path)
            } catch let death as CodecProcess.Death {
                switch death {
                case .timedOut: throw CodecError.timedOut(seconds: isolation.timeout)
                case .killed:
                    kills += 1
                    guard kills < Self.mostKills else { throw CodecError.failed("the codec worker was killed \(kills) times") }
                case .crashed:
                    crashes += 1
                    guard crashes < Self.mostCrashes else { throw CodecError.crashed }
                }
            }
        }
    }

    private func attempt(_ task: WorkerRequest.Task, path: String) async throws -> (WorkerReply, [[UInt8]]) {
        let job = Job()
        return try await withTaskCancellationHandler {
            // All on one thread of the pool, so that there are never more workers than threads.
            try await threads.runIfActive {
                let process = try self.takeIdle() ?? CodecProcess(self.isolation)
                guard job.begin(on: process) else { throw CancellationError() }
                let descriptor = open(path, O_RDONLY | O_CLOEXEC)
                guard descriptor >= 0 else { throw CodecError.failed("cannot open the file: \(String(cString: strerror(errno)))") }
                defer { Foundation.close(descriptor) }
                let answer = try process.exchange(task, settings: self.settings, descriptor: descriptor)
                if !process.isWornOut, job.end() { self.idle.withLock { $0.append(process) } }
                return answer
            }
        } onCancel: {
            job.cancel()
        }
    }

    /// A worker that waits for work; those that died while they waited are left out.
    private func takeIdle() -> CodecProcess? {
        while let process = idle.withLock({ $0.popLast() }) {
            if process.isAlive { return process }
        }
        return nil
    }
}

/// Which worker has a job in hand, for the one who cancels it.
private final class Job: Sendable {
    private enum State {
        case waiting
        case running(CodecProcess)
        case over
        case cancelled
    }

    private let state = Mutex(State.waiting)

    /// False where the job was cancelled before.
    func begin(on process: CodecProcess) -> Bool {
        state.withLock { state in
            guard case .waiting = state else { return false }
            state = .running(process)
            return true
        }
    }

    /// False where the job was cancelled meanwhile, and its worker ended.
    func end() -> Bool {
        state.withLock { state in
            guard case .running = state else { return false }
            state = .over
            return true
        }
    }

    func cancel() {
        state.withLock { state in
            if case .running(let process) = state { process.kill() }
            if case .over = state { return }
            state = .cancelled
        }
    }
}
