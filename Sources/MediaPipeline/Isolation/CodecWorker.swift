import CIsolation
import Codecs
import Foundation
import Imaging

/// The inside of a codec worker: a process that can do nothing but compute on the file whose descriptor it is handed.
public enum CodecWorker {
    /// The descriptor of the connection to the server.
    static let socket: Int32 = 3

    /// What comes over the connection, and the descriptors of one job at a time.
    private static let openFiles: UInt32 = 16

    /// Serves requests until the server closes the connection.
    ///
    /// - Parameter arguments: four numbers, 0 for those that are missing: bytes of address space that the process may have (0: no limit),
    ///   bytes of a file that it is handed to write to (0: it writes none), niceness (0 to 19: how far it steps back behind other
    ///   processes), and the libraries (`CodecLibraries.Late`) that its files may need: they cannot be loaded once it is shut in.
    public static func run(arguments: some Sequence<String>) -> Never {
        let numbers = arguments.map { UInt64($0) ?? 0 } + [0, 0, 0, 0]
        cisolation_close_from(Self.socket + 1)
        keepHeap()
        warmUp()
        CodecLibraries.load(CodecLibraries.Late(rawValue: UInt8(truncatingIfNeeded: numbers[3])))
        var limits = cisolation_limits(
            memory_bytes: numbers[0], file_bytes: numbers[1], open_files: openFiles, niceness: Int32(min(numbers[2], 19)))
        // A worker that is not shut in does nothing at all.
        guard cisolation_enter(&limits) == 0 else { exit(1) }
        let channel = WorkerChannel(socket: Self.socket)
        while true {
            // Between jobs nothing is held that others may need.
            cisolation_trim_heap()
            var descriptor: Int32 = -1
            do {
                let request = try channel.receive(WorkerRequest.self, descriptor: &descriptor)
                try answer(request, descriptor, channel)
            } catch {
                exit(0)
            }
        }
    }

    /// One heap for the process, whose memory is used again during a job; for a process that renders one file after another.
    public static func keepHeap() { cisolation_keep_heap() }

    private static func answer(_ request: WorkerRequest, _ descriptor: Int32, _ channel: WorkerChannel) throws {
        cisolation_allow_cpu(UInt32(request.seconds))
        do {
            let file: ImageFile
            do {
                defer { close(descriptor) }
                file = try ImageFile(descriptor: descriptor, videoLimits: request.settings.videoLimits)
            }
            let task = RenderTask(file: file, settings: request.settings)
            switch request.task {
            case .probe: try channel.send(WorkerReply.info(try task.probe()))
            case .vet: try channel.send(WorkerReply.info(try task.vet()))
            case .render(let work):
                let result = try task.render(work, isCancelled: { false })
                try channel.send(WorkerReply.rendered(result.header))
                for rendition in result.renditions { try channel.send(rendition.bytes) }
            case .transform(let work, let hasWatermark):
                let watermark = hasWatermark ? RenderTask(file: try attachment(channel), settings: request.settings) : nil
                let rendition = try task.transform(work, watermark: watermark, isCancelled: { false })
                try channel.send(WorkerReply.transformed(rendition.part))
                try channel.send(rendition.bytes)
            case .webVideo(let settings):
                let outputs = try (0..<(settings.segmentDuration == nil ? 1 : 2)).map { _ in try attachedDescriptor(channel) }
                defer { for output in outputs { close(output) } }
                let video = try task.writeWebVideo(settings, to: outputs[0], segmentsTo: outputs.dropFirst().first) { done in
                    (try? channel.send(WorkerReply.progress(done))) != nil
                }
                guard let video else { throw WorkerChannel.Failure.closed }
                try channel.send(WorkerReply.wroteVideo(video))
            }
        } catch let error as CodecError {
            try channel.send(WorkerReply.failed(error))
        } catch let error as TransformError {
            try channel.send(WorkerReply.refused(error))
        }
    }

    /// The file that came behind the request.
    private static func attachment(_ channel: WorkerChannel) throws -> ImageFile {
        let descriptor = try attachedDescriptor(channel)
        defer { close(descriptor) }
        return try ImageFile(descriptor: descriptor)
    }

    private static func attachedDescriptor(_ channel: WorkerChannel) throws -> Int32 {
        var descriptor: Int32 = -1
        _ = try channel.receive(WorkerAttachment.self, descriptor: &descriptor)
        return descriptor
    }

    /// Makes libraries open what they open once, while that is still allowed.
    private static func warmUp() {
        _ = try? JSONDecoder().decode(WorkerReply.self, from: JSONEncoder().encode(WorkerReply.failed(.unknownFormat)))
        let dot = Raster(
            size: PixelSize(width: 1, height: 1), model: .rgb, planes: (0..<3).map { _ in Plane(width: 1, height: 1, filledWith: 9) })
        for format in [OutputFormat.webp, .jpeg, .png] { _ = try? ImageEncoder.encode(dot, as: format, EncodingSettings()) }
    }
}
