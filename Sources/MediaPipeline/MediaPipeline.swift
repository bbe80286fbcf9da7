import Codecs
import Foundation
import Imaging
import NIOPosix
import Synchronization

/// From an image or video file to its renditions: probe, plan, render. What is rendered of a video is its poster.
///
/// Renders run on threads of the pipeline's own, as many at once as `settings.workers`, and together stay within
/// `settings.memoryBudget`. With isolation the decoding and encoding is done by child processes, so that a file that brings a codec
/// down costs one of them. May be used from any number of tasks.
public final class MediaPipeline: Sendable {
    public let settings: PipelineSettings
    private let budget: MemoryBudget
    /// Of videos that are written, which takes minutes: pictures do not wait for them.
    private let videoBudget: MemoryBudget
    private let threads: NIOThreadPool
    /// For videos that are written, which would keep a thread for minutes.
    private let videoThreads: NIOThreadPool
    /// Nil where codecs run in this process.
    private let workers: CodecWorkerPool?

    /// - Parameter isolation: how codec workers are started; nil runs the codecs in this process.
    public init(settings: PipelineSettings, isolation: CodecIsolation? = nil) {
        self.settings = settings
        budget = MemoryBudget(bytes: settings.memoryBudget, slots: settings.workers)
        videoBudget = MemoryBudget(bytes: settings.videoMemoryBudget, slots: settings.videoWorkers, setting: .videoMemory)
        // One more than may render: headers are read while all of them do.
        let threadCount = settings.workers + 1
        threads = NIOThreadPool(numberOfThreads: threadCount)
        threads.start()
        videoThreads = NIOThreadPool(numberOfThreads: max(1, settings.videoWorkers))
        videoThreads.start()
        workers = isolation.map { [threads, videoThreads] in
            CodecWorkerPool($0, settings: settings, threads: threads, videoThreads: videoThreads, most: threadCount)
        }
    }

    deinit {
        threads.shutdownGracefully { _ in }
        videoThreads.shutdownGracefully { _ in }
    }

    /// Lets the codec workers end. Nothing may be rendered after this.
    public func close() { workers?.close() }

    public func plan(_ info: ImageInfo) -> RenderPlan { .planning(info, settings: settings) }

    /// Reads the header: format (told from the bytes), size, orientation.
    ///
    /// - Throws: `CodecError`; `.tooLarge` where the picture has more than `settings.maxPixels`, `.tooLong` where a video takes more than
    ///   `settings.maxVideoDuration`.
    public func probe(path: String) async throws -> ImageInfo {
        if let workers { return try await workers.info(.probe, path: path) }
        return try await threads.runIfActive { [settings] in
            try RenderTask(file: try ImageFile(path: path, videoLimits: settings.videoLimits), settings: settings).probe()
        }
    }

    /// Looks a file over before it is taken: its header, whether it is whole by its structure, and whether its render can
    /// ever have the memory it needs. Decodes no pixel, but for files whose structure leaves it open whether they are whole.
    ///
    /// - Throws: `CodecError`.
    public func vet(path: String) async throws -> ImageInfo {
        let info: ImageInfo
        if let workers {
            info = try await workers.info(.vet, path: path)
        } else {
            info = try await threads.runIfActive { [settings] in
                try RenderTask(file: try ImageFile(path: path, videoLimits: settings.videoLimits), settings: settings).vet()
            }
        }
        let needed = plan(info).estimatedBytes
        guard needed <= settings.memoryBudget else { throw CodecError.overMemoryBudget(needed: needed, allowed: settings.memoryBudget) }
        return info
    }

    /// Makes all renditions of the plan from one decode. Waits, first come first served, until the memory budget has room.
    ///
    /// - Throws: `CodecError`; `CancellationError` where the task is cancelled, waiting or between two steps of the work.
    public func render(path: String) async throws -> RenderResult { try await render(.planned, path: path) }

    /// Makes only these renditions, in formats that need not be the plan's. JPEG of a picture with alpha is laid on white.
    ///
    /// - Throws: as `render(path:)`.
    public func render(path: String, only requests: [RenditionRequest]) async throws -> RenderResult {
        try await render(.only(requests), path: path)
    }

    /// Renders under way and waiting, and the bytes reserved for those under way.
    public var load: (running: Int, waiting: Int, reservedBytes: Int) { budget.load }

    /// Makes one transformed picture from one decode, within the same memory budget as the renders.
    ///
    /// - Parameters:
    ///   - operations: resolved (`TransformOperations.resolved`).
    ///   - watermarkPath: the file of the operations' watermark; nil where they have none.
    /// - Throws: as `render(path:)`, and `TransformError`.
    public func transform(
        path: String, operations: TransformOperations, format: OutputFormat, watermarkPath: String? = nil, limits: TransformLimits = .init()
    ) async throws -> Rendition {
        let work = TransformWork(operations: operations, format: format, limits: limits)
        let info = try await probe(path: path)
        let watermark: ImageInfo? = if let watermarkPath { try await probe(path: watermarkPath) } else { nil }
        let bytes = try work.plan(info, watermark: watermark).estimatedBytes
        return try await budget.withReservation(of: bytes) {
            if let workers { return try await workers.transform(work, path: path, watermarkPath: watermarkPath) }
            return try await inThisProcess { [settings] isCancelled in
                let mark = try watermarkPath.map {
                    RenderTask(file: try ImageFile(path: $0, videoLimits: settings.videoLimits), settings: settings)
                }
                return try RenderTask(file: try ImageFile(path: path, videoLimits: settings.videoLimits), settings: settings)
                    .transform(work, watermark: mark, isCancelled: isCancelled)
            }
        }
    }

    private func render(_ work: RenderWork, path: String) async throws -> RenderResult {
        let plan = work.plan(try await probe(path: path), settings: settings)
        return try await budget.withReservation(of: plan.estimatedBytes) {
            if let workers { return try await workers.render(work, path: path) }
            return try await inThisProcess { [settings] isCancelled in
                try RenderTask(file: try ImageFile(path: path, videoLimits: settings.videoLimits), settings: settings).render(
                    work, isCancelled: isCancelled)
            }
        }
    }

    /// Writes a video as browsers play it, by `settings.webVideo`.
    ///
    /// - Parameters:
    ///   - output: a file that is there; what is in it goes.
    ///   - segments: the same, for the segments of HLS; nil where the settings have none.
    ///   - progress: gets the share done, 0 to 1, now and then.
    /// - Throws: as `render(path:)`.
    public func writeWebVideo(
        path: String, to output: String, segmentsTo segments: String?, progress: @escaping @Sendable (Double) -> Void
    ) async throws -> WebVideo {
        guard var web = settings.webVideo else { throw CodecError.failed("videos are not written for browsers here") }
        if segments == nil { web.segmentDuration = nil }
        web.longestDuration = Int(settings.maxVideoDuration / .milliseconds(1))
        let outputs = [output] + (segments.map { [$0] } ?? [])
        let info = try await probe(path: path)
        return try await videoBudget.withReservation(of: WebVideoWriter.workingBytes(info, web)) { [web] in
            if let workers {
                return try await workers.webVideo(
                    web, path: path, outputs: outputs, timeout: settings.webVideoTimeout, stall: settings.webVideoStall,
                    progress: progress)
            }
            return try await inThisProcess(videoThreads) { [settings] isCancelled in
                let descriptors = outputs.map { open($0, O_RDWR | O_TRUNC | O_CLOEXEC) }
                defer { for descriptor in descriptors where descriptor >= 0 { Foundation.close(descriptor) } }
                guard descriptors.allSatisfy({ $0 >= 0 }) else { throw CodecError.failed("cannot open the output") }
                let video = try RenderTask(file: try ImageFile(path: path, videoLimits: settings.videoLimits), settings: settings)
                    .writeWebVideo(web, to: descriptors[0], segmentsTo: descriptors.dropFirst().first) { done in
                        progress(done)
                        return !isCancelled()
                    }
                guard let video else { throw CancellationError() }
                return video
            }
        }
    }

    /// Runs `body` on a thread of the pipeline's own; what it gets tells whether to stop.
    private func inThisProcess<Result: Sendable>(
        _ threads: NIOThreadPool? = nil, _ body: @escaping @Sendable (@escaping () -> Bool) throws -> Result
    ) async throws -> Result {
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try await (threads ?? self.threads).runIfActive { try body { cancellation.isRequested } }
        } onCancel: {
            cancellation.request()
        }
    }
}

/// A flag that a worker's thread, which is no task, can look at.
private final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    var isRequested: Bool { flag.load(ordering: .relaxed) }
    func request() { flag.store(true, ordering: .relaxed) }
}
