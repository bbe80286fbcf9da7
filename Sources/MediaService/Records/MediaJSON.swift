import MediaPipeline
import WebAPI

/// A media record as the API and the events show it.
enum MediaJSON {
    /// - Parameters:
    ///   - plan: the renditions that the record promises.
    ///   - made: those of them (and others made on request) that exist, whose size in bytes is known.
    static func record(_ record: MediaRecord, plan: RenderPlan, made: [RenditionRecord], links: MediaLinks) -> String {
        let members = [
            ("id", JSONText.string(record.id.description)),
            ("kind", JSONText.string(record.kind)),
            ("status", JSONText.string(record.status.rawValue)),
            ("error", record.failure?.json(in: links.language) ?? "null"),
            ("title", JSONText.string(record.title)),
            ("alt", JSONText.string(record.alt)),
            ("visibility", JSONText.string(record.visibility.rawValue)),
            ("purpose", JSONText.string(record.purpose)),
            ("filename", JSONText.string(record.filename)),
            ("content_type", JSONText.string(record.format.contentType)),
            ("size", "\(record.size)"),
            ("width", "\(record.displaySize.width)"),
            ("height", "\(record.displaySize.height)"),
        ]
        let rest = [
            ("sha256", JSONText.string(record.sha256)),
            ("placeholder", record.placeholder.map(JSONText.string) ?? "null"),
            ("color", record.color.map(JSONText.string) ?? "null"),
            ("url", JSONText.string(links.original(record))),
            ("renditions", renditions(record, plan, made, links)),
            ("playback", Playback.json(record, links)),
            ("owner", JSONText.string(record.owner)),
            ("created", JSONText.string(Timestamp.text(milliseconds: record.created))),
            ("updated", JSONText.string(Timestamp.text(milliseconds: record.updated))),
        ]
        return JSONText.object(
            members + VideoFacts.json(record.video, animation: record.animation?.duration) + AnimationFacts.json(record.animation)
                + rest)
    }

    /// None where the item failed: what was promised will not come.
    private static func renditions(_ record: MediaRecord, _ plan: RenderPlan, _ made: [RenditionRecord], _ links: MediaLinks) -> String {
        guard record.status != .failed else { return "[]" }
        let items = plan.renditions.flatMap { planned in
            planned.formats.map { format in
                let existing = made.first { $0.preset == planned.preset.name && $0.format == format }
                let size = existing?.pixelSize ?? planned.size
                return JSONText.object([
                    ("name", JSONText.string(planned.preset.name)),
                    ("width", "\(size.width)"),
                    ("height", "\(size.height)"),
                    ("format", JSONText.string(format.rawValue)),
                    ("content_type", JSONText.string(format.contentType)),
                    ("animated", planned.isAnimated && format == .webp ? "true" : "false"),
                    ("size", existing.map { "\($0.size)" } ?? "null"),
                    ("url", JSONText.string(links.rendition(record, planned.preset.name, format))),
                ])
            }
        }
        return "[" + items.joined(separator: ",") + "]"
    }
}
