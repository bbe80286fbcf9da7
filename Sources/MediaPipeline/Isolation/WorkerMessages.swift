import Codecs
import Imaging

/// What a codec worker is asked; the file's descriptor goes along.
struct WorkerRequest: Sendable, Codable {
    enum Task: Sendable, Codable, Equatable {
        case probe
        case vet
        case render(RenderWork)
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
    case failed(CodecError)

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

extension RenderResult {
    var header: WorkerReply.Header {
        WorkerReply.Header(
            placeholder: placeholder, color: color,
            renditions: renditions.map { .init(preset: $0.preset, format: $0.format, size: $0.size, byteCount: $0.bytes.count) })
    }

    init(_ header: WorkerReply.Header, bytes: [[UInt8]]) {
        self.init(
            placeholder: header.placeholder, color: header.color,
            renditions: zip(header.renditions, bytes).map {
                Rendition(preset: $0.preset, format: $0.format, size: $0.size, bytes: $1)
            })
    }
}
