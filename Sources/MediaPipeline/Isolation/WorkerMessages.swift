import Codecs
import Imaging

/// What a codec worker is asked; the file's descriptor goes along.
struct WorkerRequest: Sendable, Codable {
    enum Task: Sendable, Codable, Equatable {
        case probe
        case vet
        case render(RenderWork)
        /// With a watermark its descriptor follows in a message of its own.
        case transform(TransformWork, hasWatermark: Bool)
        /// The descriptor to write to follows in a message of its own, and one more where segments are wanted.
        case webVideo(WebVideoSettings)

        var tellsProgress: Bool { if case .webVideo = self { true } else { false } }

        /// What it takes to write what is wanted.
        func libraries(_ settings: PipelineSettings) -> CodecLibraries.Late {
            let writesAVIF =
                switch self {
                case .probe, .vet, .webVideo: false
                case .render(.planned): settings.avif
                case .render(.only(let requests)): requests.contains { $0.format == .avif }
                case .transform(let work, _): work.format == .avif
                }
            return writesAVIF ? .heif : []
        }
    }

    let task: Task
    let settings: PipelineSettings
    /// CPU time that it may take.
    let seconds: Int
}

/// What a codec worker answers; the bytes of the renditions follow it, one after another.
enum WorkerReply: Sendable, Codable {
    case info(ImageInfo)
    case rendered(Header)
    case transformed(Part)
    /// The share done, 0 to 1; the answer follows.
    case progress(Double)
    case wroteVideo(WebVideo)
    case failed(CodecError)
    case refused(TransformError)

    /// What follows the message.
    var parts: [Part] {
        switch self {
        case .rendered(let header): header.renditions
        case .transformed(let part): [part]
        case .info, .progress, .wroteVideo, .failed, .refused: []
        }
    }

    struct Header: Sendable, Codable {
        let placeholder: [UInt8]
        let color: RGBColor
        let renditions: [Part]
    }

    /// A rendition without its bytes.
    struct Part: Sendable, Codable {
        let preset: String
        let format: OutputFormat
        let size: PixelSize
        let byteCount: Int
    }
}

/// Carries one more descriptor.
struct WorkerAttachment: Sendable, Codable {}

extension Rendition {
    var part: WorkerReply.Part { WorkerReply.Part(preset: preset, format: format, size: size, byteCount: bytes.count) }

    init(_ part: WorkerReply.Part, bytes: [UInt8]) {
        self.init(preset: part.preset, format: part.format, size: part.size, bytes: bytes)
    }
}

extension RenderResult {
    var header: WorkerReply.Header {
        WorkerReply.Header(
            placeholder: placeholder, color: color,
            renditions: renditions.map(\.part))
    }

    init(_ header: WorkerReply.Header, bytes: [[UInt8]]) {
        self.init(
            placeholder: header.placeholder, color: header.color,
            renditions: zip(header.renditions, bytes).map { Rendition($0, bytes: $1) })
    }
}
