import Codecs
import Foundation
import NIOPosix
import Synchronization

/// The codec workers of a pipeline. Started when they are needed, kept for the next job, replaced when they die.
final class CodecWorkerPool: Sendable {
    private let isolation: CodecIsolation
    private let settings: PipelineSettings
    private let threads: NIOThreadPool
    /// For workers that write videos, of which there is one for each.
    private let videoThreads: NIOThreadPool
    private let most: Int
    private let state: Mutex<State>

    private struct State {
        /// By what they have loaded, which takes more memory than a photo's whole job.
        var idle: [CodecLibraries.Late: [CodecProcess]] = [:]
        /// Idle and at work, but for those that write videos; no more than there are threads to wait for their answers.
        var count = 0
    }

    /// How often a job is tried at once whose workers are killed from outside. It is nobody's fault, and goes by soon or not at all: who
    /// has the job in a queue puts it back for later.
    private static let mostKills = 10
    /// The same for a job that writes a video, which takes minutes: whatever kills it is likely to be there still.
    private static let mostKillsOfWriter = 3
    /// Before the second try; doubled with each, up to half a second.
    private static let waitAfterKill = Duration.milliseconds(20)
    /// How often a job is tried whose worker died of it.
    private static let mostCrashes = 2
    /// How often a job is tried whose worker stood still: once more, for a worker can be stopped from outside.
    private static let mostHangs = 2

    /// - Parameter most: workers at once, which is the number of the threads.
    init(_ isolation: CodecIsolation, settings: PipelineSettings, threads: NIOThreadPool, videoThreads: NIOThreadPool, most: Int) {
        self.isolation = isolation
        self.settings = settings
        self.threads = threads
        self.videoThreads = videoThreads
        self.most = most
        state = Mutex(State())
    }

    /// Ends every idle worker.
    func close() {
        let ended = state.withLock { state in
            defer { state.idle = [:] }
            let ended = state.idle.values.flatMap { $0 }
            state.count -= ended.count
            return ended
        }
        for process in ended { process.end() }
    }

    func info(_ task: WorkerRequest.Task, path: String) async throws -> ImageInfo {
        guard case (.info(let info), _) = try await run(task, paths: [path]) else { throw Self.otherAnswer }
        return info
    }

    func render(_ work: RenderWork, path: String) async throws -> RenderResult {
        guard case (.rendered(let header), let bytes) = try await run(.render(work), paths: [path]) else { throw Self.otherAnswer }
        return RenderResult(header, bytes: bytes)
    }

    func transform(_ work: TransformWork, path: String, watermarkPath: String?) async throws -> Rendition {
        let task = WorkerRequest.Task.transform(work, hasWatermark: watermarkPath != nil)
        guard case (.transformed(let part), let bytes) = try await run(task, paths: [path] + (watermarkPath.map { [$0] } ?? [])) else {
            throw Self.otherAnswer
        }
        return Rendition(part, bytes: bytes[0])
    }

    /// In a worker of its own, which ends afterwards.
    /// - Parameter outputs: files that are there and empty: the video's, and its segments' where they are wanted.
    func webVideo(
        _ web: WebVideoSettings, path: String, outputs: [String], timeout: Int, stall: Int,
        progress: @escaping @Sendable (Double) -> Void
    ) async throws -> WebVideo {
        let writer = isolation.writing(bytes: web.outputBytes, timeout: timeout, stall: stall)
        guard case (.wroteVideo(let video), _) = try await run(.webVideo(web), paths: [path], outputs: outputs, writer, progress) else {
            throw Self.otherAnswer
        }
        return video
    }

    private static var otherAnswer: CodecError { .failed("the codec worker's answer is to another question") }

    /// Hands the job to a worker; to another one where that dies of something that need not be the file's fault.
    /// - Parameters:
    ///   - paths: the file of the job, and the watermark's where it has one.
    ///   - outputs: files that it writes.
    ///   - writer: a worker of its own for a job that writes; nil takes one that waits.
    private func run(
        _ task: WorkerRequest.Task, paths: [String], outputs: [String] = [], _ writer: CodecIsolation? = nil,
        _ progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) async throws -> (WorkerReply, [[UInt8]]) {
        var (kills, crashes, hangs) = (0, 0, 0)
        while true {
            try Task.checkCancellation()
            do {
                let answer = try await attempt(task, paths: paths, outputs: outputs, writer, progress)
                switch answer.0 {
                case .failed(let error): throw error
                case .refused(let error): throw error
                default: return answer
                }
            } catch let death as CodecProcess.Death {
                switch death {
                case .timedOut:
                    throw CodecError.timedOut(
                        seconds: (writer ?? isolation).timeout, setting: writer == nil ? .renderTimeout : .webVideoTimeout)
                case .hung:
                    hangs += 1
                    guard hangs < Self.mostHangs else {
                        if let writer { throw CodecError.timedOut(seconds: writer.patience, setting: .webVideoStall) }
                        throw CodecError.timedOut(seconds: isolation.timeout)
                    }
                case .killed:
                    kills += 1
                    guard kills < (writer == nil ? Self.mostKills : Self.mostKillsOfWriter) else { throw CodecError.killed(times: kills) }
                    try await Task.sleep(for: min(Self.waitAfterKill * (1 << (kills - 1)), .milliseconds(500)))
                case .crashed:
                    crashes += 1
                    guard crashes < Self.mostCrashes else { throw CodecError.crashed }
                }
            }
        }
    }

    private func attempt(
        _ task: WorkerRequest.Task, paths: [String], outputs: [String], _ writer: CodecIsolation?,
        _ progress: @escaping @Sendable (Double) -> Void
    ) async throws -> (WorkerReply, [[UInt8]]) {
        let job = Job()
        return try await withTaskCancellationHandler {
            // All on one thread of the pool, so that there are never more workers than threads.
            try await (writer == nil ? threads : videoThreads).runIfActive {
                // What an attempt before this one wrote is nothing.
                let descriptors = paths.map { open($0, O_RDONLY | O_CLOEXEC) } + outputs.map { open($0, O_RDWR | O_TRUNC | O_CLOEXEC) }
                defer { for descriptor in descriptors where descriptor >= 0 { Foundation.close(descriptor) } }
                guard descriptors.allSatisfy({ $0 >= 0 }) else { throw CodecError.failed("cannot open the file") }
                let needed = descriptors.prefix(paths.count).reduce(task.libraries(self.settings)) { $0.union(Self.libraries(of: $1)) }
                let (process, loaded) = try writer.map { (try CodecProcess($0), needed) } ?? self.take(needed)
                // One that writes a video is not of those that are counted.
                var isKept = false
                defer { if writer == nil && !isKept { self.state.withLock { $0.count -= 1 } } }
                guard job.begin(on: process) else { throw CancellationError() }
                let answer = try process.exchange(
                    task, settings: self.settings, descriptor: descriptors[0], attachments: Array(descriptors.dropFirst()),
                    progress: progress)
                if writer == nil, !process.isWornOut, job.end() {
                    isKept = true
                    self.state.withLock { $0.idle[loaded, default: []].append(process) }
                }
                return answer
            }
        } onCancel: {
            job.cancel()
        }
    }

    /// A worker that waits for work, or a new one, and what it has loaded; those that died while they waited are left out. One of another
    /// kind makes room where there are as many as there may be.
    private func take(_ needed: CodecLibraries.Late) throws -> (CodecProcess, CodecLibraries.Late) {
        // One that can read HEIC does for other photos; those that read videos keep to them.
        for loaded in needed.contains(.video) ? [needed, needed.union(.heif)] : [needed, .heif] {
            while let process = state.withLock({ $0.idle[loaded]?.popLast() }) {
                if process.isAlive { return (process, loaded) }
                state.withLock { $0.count -= 1 }
            }
        }
        let surplus = state.withLock { state -> CodecProcess? in
            state.count += 1
            guard state.count > most else { return nil }
            for other in state.idle.keys {
                if let process = state.idle[other]?.popLast() {
                    state.count -= 1
                    return process
                }
            }
            return nil
        }
        surplus?.end()
        do {
            return (try CodecProcess(isolation.loading(needed)), needed)
        } catch {
            state.withLock { $0.count -= 1 }
            throw error
        }
    }

    /// Bytes that tell what a file is.
    private static let headBytes = 1024

    /// By the first bytes of the file.
    private static func libraries(of descriptor: Int32) -> CodecLibraries.Late {
        withUnsafeTemporaryAllocation(byteCount: headBytes, alignment: 1) { buffer in
            let count = pread(descriptor, buffer.baseAddress, headBytes, 0)
            guard count > 0 else { return [] }
            return ImageFormat(sniffing: UnsafeRawBufferPointer(rebasing: buffer[..<count])).map { CodecLibraries.Late($0) } ?? []
        }
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
