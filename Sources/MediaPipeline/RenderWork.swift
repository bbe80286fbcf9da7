import Codecs
import Imaging

/// What is wanted of a file: all that its plan promises, or some renditions.
public enum RenderWork: Sendable, Equatable, Codable {
    case planned
    case only([RenditionRequest])

    func plan(_ info: ImageInfo, settings: PipelineSettings) -> RenderPlan {
        switch self {
        case .planned: .planning(info, settings: settings)
        case .only(let requests): .planning(info, only: requests, settings: settings)
        }
    }
}

/// The blocking work on one file, on the thread that calls: the same in this process and in a codec worker.
struct RenderTask {
    let file: ImageFile
    let settings: PipelineSettings

    /// Reads the header.
    ///
    /// - Throws: `CodecError`; `.tooLarge` and `.tooLong` where it is beyond the settings' limits.
    func probe() throws(CodecError) -> ImageInfo {
        let info = try ImageDecoder.readInfo(file)
        try settings.check(info)
        return info
    }

    /// Reads the header, and walks the file to see whether it is whole.
    func vet() throws(CodecError) -> ImageInfo {
        let info = try probe()
        try FileStructure.check(file, info: info)
        return info
    }

    /// - Parameter isCancelled: asked between steps; ends the work with `CancellationError`.
    func render(_ work: RenderWork, isCancelled: @escaping () -> Bool) throws -> RenderResult {
        let plan = work.plan(try probe(), settings: settings)
        return try Renderer(plan: plan, settings: settings, isCancelled: isCancelled).render(file)
    }

    /// - Parameter watermark: the picture that the operations lay over it.
    /// - Throws: `CodecError`, `TransformError`, `CancellationError`.
    func transform(_ work: TransformWork, watermark: RenderTask?, isCancelled: @escaping () -> Bool) throws -> Rendition {
        let mark = try watermark.map { (file: $0.file, info: try $0.probe()) }
        let plan = try work.plan(try probe(), watermark: mark?.info)
        return try TransformRenderer(plan: plan, settings: settings, isCancelled: isCancelled).render(file, watermark: mark)
    }
}

extension RenderTask {
    /// Writes the video as browsers play it, and where there is a second descriptor its segments.
    ///
    /// - Parameter progress: gets the share done; false stops.
    /// - Returns: nil where it was stopped.
    func writeWebVideo(
        _ web: WebVideoSettings, to output: Int32, segmentsTo segments: Int32?, progress: @escaping (Double) -> Bool
    ) throws(CodecError) -> WebVideo? {
        guard var video = try WebVideoWriter.write(file, info: try probe(), to: output, web, progress: progress) else { return nil }
        if let segments, let duration = web.segmentDuration {
            (video.codecs, video.segments) = try WebVideoWriter.writeSegments(
                of: try ImageFile(descriptor: output), to: segments, web, duration: duration, alive: { _ = progress(1) })
        }
        return video
    }
}

/// One transformed picture that is wanted of a file.
struct TransformWork: Sendable, Equatable, Codable {
    let operations: TransformOperations
    let format: OutputFormat
    let limits: TransformLimits

    func plan(_ info: ImageInfo, watermark: ImageInfo?) throws(TransformError) -> TransformPlan {
        try TransformPlan(info, operations, as: format, watermark: watermark, limits: limits)
    }
}
