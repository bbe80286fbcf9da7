import Codecs
import Imaging
import NIOPosix
import Synchronization

/// From an image or video file to its renditions: probe, plan, render. What is rendered of a video is its poster.
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
    /// - Throws: `CodecError`; `.tooLarge` where the picture has more than `settings.maxPixels`, `.tooLong` where the video takes more than
    ///   `settings.maxVideoDuration`.
    public func probe(path: String) throws(CodecError) -> ImageInfo {
        try probe(ImageFile(path: path))
    }

    private func probe(_ file: ImageFile) throws(CodecError) -> ImageInfo {
        let info = try ImageDecoder.readInfo(file)
        try settings.check(info)
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
        let cancellation = Cancellation()
        return try await budget.withReservation(of: plan.estimatedBytes) {
            try await withTaskCancellationHandler {
                try await threads.runIfActive { [settings] in
                    try Renderer(plan: plan, settings: settings, isCancelled: { cancellation.isRequested }).render(file)
                }
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
