import Codecs
import Hummingbird
import MediaPipeline
import WebAPI

/// `GET /api/info/`: what a client needs to know of this server before it uploads.
struct InfoRoute: Sendable {
    let pipeline: PipelineSettings
    let uploadBytes: Int
    /// Of one resumable upload.
    let resumableBytes: Int
    /// Whether there is a storage console (`/api/storage/`).
    let hasStorage: Bool

    var routes: [Route] {
        [
            Route(
                .get, "/api/info/", "Version, presets, limits and formats",
                Endpoint(
                    "server", access: .anyone,
                    answers: [
                        .ok(
                            .object(
                                .required("version", .string()), .required("storage", .boolean), .required("presets", .array(.object())),
                                .required("limits", .object()), .required("formats", .array(.string()))))
                    ])
            ) { _, _ in
                var response = Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
                response.headers[.contentType] = "application/json"
                return response
            }
        ]
    }

    private var body: String {
        let presets = pipeline.presets.map { preset in
            JSONText.object([
                ("name", JSONText.string(preset.name)), ("width", "\(preset.box.width)"), ("height", "\(preset.box.height)"),
                ("mode", JSONText.string(preset.mode.rawValue)),
            ])
        }
        return JSONText.object([
            ("version", JSONText.string(Agrovet.version)), ("storage", "\(hasStorage)"),
            ("presets", "[" + presets.joined(separator: ",") + "]"),
            (
                "limits",
                JSONText.object([
                    ("upload_bytes", "\(uploadBytes)"), ("resumable_upload_bytes", "\(resumableBytes)"),
                    ("pixels", "\(pipeline.maxPixels)"),
                ])
            ),
            ("formats", "[" + ImageFormat.allCases.map { JSONText.string($0.contentType) }.joined(separator: ",") + "]"),
        ])
    }
}
