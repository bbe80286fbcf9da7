import Codecs
import Schemas

/// What the media service's JSON looks like, in answers and in events.
enum MediaSchema {
    private static let bytes = JSONSchema.integer(0...9_007_199_254_740_991)
    private static let pixels = JSONSchema.integer(1...1_000_000)
    private static let address = JSONSchema.string(1...4000).described(
        "From the root in events; whole where the setting public-url is set.")

    static let failure = JSONSchema.object(
        .required("code", .string(1...100).described("Stable; clients translate by it.")),
        .required("message", .string().described("A sentence for the person who uploaded the file."))
    ).named("MediaFailure")

    static let rendition = JSONSchema.object(
        .required("name", .string(1...100).described("The preset.")),
        .required("width", pixels), .required("height", pixels),
        .required("format", .choice(OutputFormat.self)),
        .required("content_type", .string(1...100)),
        .required("animated", .boolean),
        .required("size", bytes.nullable.described("Bytes; null until it is made.")),
        .required("url", address.described("Good from the moment of the upload on."))
    ).named("Rendition")

    static let playback = JSONSchema.object(
        .required("status", .choice(MediaStatus.self)),
        .required("progress", .number(0, 1)),
        .required(
            "error", failure.nullable.described("Why it failed; where it is ready, what of the source is not in it: `sound_left_out`.")),
        .required("width", pixels.nullable), .required("height", pixels.nullable),
        .required("size", bytes.nullable),
        .required("content_type", .string(1...100)),
        .required("url", address.nullable), .required("hls", address.nullable)
    ).named("Playback")

    private static let codecs = JSONSchema.object(
        .required("video", .string(1...100)), .required("audio", .string(1...100).nullable)
    ).named("Codecs")

    /// A media item (`MediaJSON.record`).
    static let record = JSONSchema.object([
        .required("id", .uuid),
        .required("kind", .choice(["image", "video"])),
        .required("status", .choice(MediaStatus.self)),
        .required("error", failure.nullable.described("Why an item failed.")),
        .required("title", .string(0...MediaFields.titleLength)),
        .required("alt", .string(0...MediaFields.altLength).described("What a person who cannot see it is told.")),
        .required("visibility", .choice(Visibility.self)),
        .required("purpose", .string(0...MediaFields.purposeLength)),
        .required("filename", .string().described("As the client named the file.")),
        .required("content_type", .string(1...100)),
        .required("size", bytes.described("Bytes of the original.")),
        .required("width", pixels.described("As a viewer sees it, orientation applied.")),
        .required("height", pixels),
        .required("duration", JSONSchema.number(0).nullable.described("Seconds.")),
        .required("frame_rate", JSONSchema.number(0).nullable),
        .required("bit_rate", JSONSchema.integer(0...9_007_199_254_740_991).nullable),
        .required("codecs", codecs.nullable),
        .required("animated", .boolean),
        .required("frames", JSONSchema.integer(2...9_007_199_254_740_991).nullable),
        .required("sha256", .string(64...64)),
        .required("placeholder", JSONSchema.string().nullable.described("Base64 of a ThumbHash; null until it is rendered.")),
        .required("color", JSONSchema.string(7...7).nullable.described("The mean colour, #rrggbb.")),
        .required("url", address.described("The original.")),
        .required("renditions", .array(rendition)),
        .required("playback", playback.nullable.described("The video as browsers play it.")),
        .required("owner", .string(1...200)),
        .required("created", .dateTime), .required("updated", .dateTime),
    ]).named("Media")

    static let purge = JSONSchema.object(
        .required("id", .uuid),
        .required("reason", .choice([PurgeReason.deleted, .visibility, .replaced].map(\.rawValue))),
        .required("urls", .array(address)),
        .required("tags", .array(.string(1...200)).described("As the header Cache-Tag of the item's answers has them."))
    ).named("MediaPurge")
}
