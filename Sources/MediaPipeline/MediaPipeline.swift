import Codecs
import Imaging
import NIOPosix
import Synchronization

/// From an image file to its renditions: probe, plan, render.
///
/// Renders run on threads of the pipeline's own, as many at once as `settings.workers`, and together stay within
/// `settings.memoryBudget`. May be used from any number of tasks.
public final class MediaPipeline: Sendable {
    public let settings: PipelineSettings
    private let budget: MemoryBudget
    private let threads: NIOThreadPool

    public init(settings: PipelineSettings) {
        self.settings = settings
        budget = MemoryBudget(bytes: settings.memoryBudget, slots: settings.workers)
        // One more than may render: headers are read while all of them do.
        threads = NIOThreadPool(numberOfThreads: settings.workers + 1)
        threads.start()
    }

    deinit { threads.shutdownGracefully { _ in } }

    /// Reads the header: format (told from the bytes), size, orientation. Blocks the calling thread, for milliseconds.
    ///
    /// - Throws: `CodecError`; `.tooLarge` where the picture has more than `settings.maxPixels`.
    public func probe(path: String) throws(CodecError) -> ImageInfo {
        try probe(ImageFile(path: path))
    }

    private func probe(_ file: ImageFile) throws(CodecError) -> ImageInfo {
        let info = try ImageDecoder.readInfo(file)
        let size = info.storedSize
        guard size.area <= settings.maxPixels else {
            throw .tooLarge(.init(width: size.width, height: size.height, allowedPixels: settings.maxPixels))
        }
        return info
    }

    public func plan(_ info: ImageInfo) -> RenderPlan { .planning(info, settings: settings) }

    /// Makes all renditions of the plan from one decode. Waits, first come first served, until the memory budget has room.
    ///
    /// - Throws: `CodecError`; `CancellationError` where the task is cancelled, waiting or between two steps of the work.
    public func render(path: String) async throws -> RenderResult {
        try await render(path: path) { [settings] in .planning($0, settings: settings) }
    }

    /// Makes only these renditions, in formats that need not be the plan's. JPEG of a picture with alpha is laid on white.
    ///
    /// - Throws: as `render(path:)`.
    public func render(path: String, only requests: [RenditionRequest]) async throws -> RenderResult {
        try await render(path: path) { .planning($0, only: requests) }
    }

    /// Renders under way and waiting, and the bytes reserved for those under way.
    public var load: (running: Int, waiting: Int, reservedBytes: Int) { budget.load }

    private func render(path: String, planning: @escaping @Sendable (ImageInfo) -> RenderPlan) async throws -> RenderResult {
        let (file, plan) = try await threads.runIfActive {
            let file = try ImageFile(path: path)
            return (file, planning(try self.probe(file)))
        }
        return try await work(bytes: plan.estimatedBytes) { [settings] isCancelled in
            try Renderer(plan: plan, settings: settings, isCancelled: isCancelled).render(file)
        }
    }

    /// Makes one transformed picture from one decode, within the same memory budget as the renders.
    ///
    /// - Parameters:
    ///   - operations: resolved (`TransformOperations.resolved`).
    ///   - watermarkPath: the file of the operations' watermark; nil where they have none.
    /// - Throws: as `render(path:)`, and `TransformError`.
    public func transform(
        path: String, operations: TransformOperations, format: OutputFormat, watermarkPath: String? = nil, limits: TransformLimits = .init()
    ) async throws -> Rendition {
        let (file, watermark, plan) = try await threads.runIfActive {
            let file = try ImageFile(path: path)
            let info = try self.probe(file)
            let watermark = try watermarkPath.map { path in
                let file = try ImageFile(path: path)
                return (file: file, info: try self.probe(file))
            }
            return (file, watermark, try TransformPlan(info, operations, as: format, watermark: watermark?.info, limits: limits))
        }
        return try await work(bytes: plan.estimatedBytes) { [settings] isCancelled in
            try TransformRenderer(plan: plan, settings: settings, isCancelled: isCancelled).render(file, watermark: watermark)
        }
    }

    /// Runs `body` on a thread of the pipeline's own once the memory is there; what it gets tells whether to stop.
    private func work<Result: Sendable>(
        bytes: Int, _ body: @escaping @Sendable (@escaping () -> Bool) throws -> Result
    ) async throws -> Result {
        let cancellation = Cancellation()
        return try await budget.withReservation(of: bytes) {
            try await withTaskCancellationHandler {
                try await threads.runIfActive { try body { cancellation.isRequested } }
            } onCancel: {
                cancellation.request()
            }
        }
    }
}

/// A flag that a worker's thread, which is no task, can look at.
private final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    var isRequested: Bool { flag.load(ordering: .relaxed) }
    func request() { flag.store(true, ordering: .relaxed) }
}
