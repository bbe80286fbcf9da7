/// Why a file cannot be decoded or encoded. Each case knows a sentence for the person who uploaded the file.
public enum CodecError: Error, Sendable, Equatable, Codable {
    /// No codec here knows these bytes.
    case unknownFormat
    /// The file ends before its picture does.
    case truncated(ImageFormat)
    /// The bytes break the format's rules.
    case corrupt(ImageFormat, FileFlaw)
    /// What is in it cannot be read without a key.
    case encrypted(ImageFormat)
    /// Well-formed, but a feature that the codec does not have.
    case unsupported(ImageFormat, FileFlaw)
    /// More pixels (or bytes in memory) than the limit that the caller set.
    case tooLarge(PixelSizeLimit)
    /// Working on it would take more memory than all such work together may take; both in bytes.
    case overMemoryBudget(needed: Int, allowed: Int, setting: LimitSetting = .renderMemory)
    /// The codec's process died of this file, twice.
    case crashed
    /// The codec's process was killed by somebody else (an operator, the kernel that ran out of memory), so many times one after another.
    case killed(times: Int)
    /// The work took longer than the setting allows.
    case timedOut(seconds: Int, setting: LimitSetting = .renderTimeout)
    /// A video longer than the limit that the caller set; both in seconds.
    case tooLong(seconds: Int, allowed: Int)
    /// What is written would have more bytes than the caller allows.
    case outputTooLarge(allowed: Int)
    /// The disk that the codec writes to is full.
    case noSpace
    /// Reading it takes more memory than a codec can have.
    case noMemory
    /// The codec failed on valid input (internal error); how, in words for the log.
    case failed(String)

    /// The setting that was measured against, as it is called in the environment.
    public enum LimitSetting: String, Sendable, Equatable, Codable {
        case renderMemory = "AGROVET_RENDER_MEMORY"
        case videoMemory = "AGROVET_VIDEO_MEMORY"
        case renderTimeout = "AGROVET_RENDER_TIMEOUT"
        case webVideoTimeout = "AGROVET_WEB_VIDEO_TIMEOUT"
        case webVideoStall = "AGROVET_WEB_VIDEO_STALL"
    }

    /// What was too large, and what was allowed.
    public struct PixelSizeLimit: Sendable, Equatable, Codable {
        public let width: Int
        public let height: Int
        public let allowedPixels: Int
        public init(width: Int, height: Int, allowedPixels: Int) {
            self.width = width
            self.height = height
            self.allowedPixels = allowedPixels
        }
    }
}

extension CodecError {
    /// A stable name for programs.
    public var code: String {
        switch self {
        case .unknownFormat: "unknown_format"
        case .truncated: "truncated"
        case .corrupt: "corrupt"
        case .encrypted: "encrypted"
        case .unsupported: "unsupported"
        case .tooLarge: "too_many_pixels"
        case .overMemoryBudget: "memory_budget"
        case .crashed: "codec_crashed"
        case .killed: "codec_killed"
        case .timedOut: "render_timeout"
        case .tooLong: "too_long"
        case .outputTooLarge: "output_too_large"
        case .noSpace: "no_space"
        case .noMemory: "no_memory"
        case .failed: "failed"
        }
    }

    /// A sentence for the person who uploaded the file.
    public var message: String {
        switch self {
        case .unknownFormat:
            return "This is neither a picture nor a video that can be read here: JPEG, PNG, WebP, GIF, HEIC, AVIF, MP4, MOV, 3GP, WebM, "
                + "Matroska, AVI and MPEG-TS are."
        case .truncated(let format) where format.isVideo:
            return "The \(format.displayName) file is not whole; the upload may have been cut short, or the recording was never finished."
        case .truncated(let format):
            return "The \(format.displayName) file ends before its picture does; the upload may have been cut short."
        case .corrupt(let format, let flaw):
            return "The \(format.displayName) file is damaged: \(flaw.text)."
        case .encrypted(let format):
            return "The \(format.displayName) file is encrypted, as shops sell films; it cannot be shown without its key."
        case .unsupported(let format, let flaw):
            return "The \(format.displayName) file has a feature that cannot be read here: \(flaw.text)."
        case .tooLarge(let limit):
            return "The picture has \(limit.width)×\(limit.height) pixels; at most \(limit.allowedPixels) in all are allowed "
                + "(setting AGROVET_MAX_PIXELS)."
        case .overMemoryBudget(let needed, let allowed, let setting):
            let work = setting == .videoMemory ? "Writing the video for browsers" : "Rendering the picture"
            return "\(work) takes about \(Self.mebibytes(needed)) MiB of memory; \(Self.mebibytes(allowed)) MiB are allowed "
                + "(setting \(setting.rawValue))."
        case .crashed:
            return "The file makes the picture codec fail; it may be damaged."
        case .killed(let times):
            return "The codec's process was killed from outside \(times) times; the server may have too little memory for the file."
        case .timedOut(let seconds, let setting):
            let what =
                switch setting {
                case .webVideoTimeout: "Writing the video for browsers takes longer than"
                case .webVideoStall: "Writing the video for browsers stood still for longer than"
                default: "Rendering the picture takes longer than"
                }
            return "\(what) the \(seconds) s that are allowed (setting \(setting.rawValue))."
        case .tooLong(let seconds, let allowed):
            return "The video takes \(seconds) seconds; at most \(allowed) are allowed (setting AGROVET_MAX_VIDEO_DURATION)."
        case .outputTooLarge(let allowed):
            return "The video would take more than the \(Self.mebibytes(allowed)) MiB that are allowed (setting AGROVET_WEB_VIDEO_BYTES)."
        case .noSpace:
            return "The server's disk is full."
        case .noMemory:
            return "Reading the file takes more memory than there is for one; it may be damaged."
        case .failed:
            return "The picture could not be rendered."
        }
    }

    /// What is only for the log: how a codec failed, or what its library said of the file.
    public var libraryWords: String? {
        switch self {
        case .corrupt(_, let flaw), .unsupported(_, let flaw): flaw.libraryWords
        case .failed(let detail): detail
        default: nil
        }
    }

    /// Whether another try with the same file and settings must end the same way.
    public var isPermanent: Bool {
        switch self {
        case .failed, .noSpace, .killed: false
        default: true
        }
    }

    private static func mebibytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }
}

/// A format that a picture is read from here: a still image, or a video, whose picture is its poster.
public enum ImageFormat: String, Sendable, Codable, CaseIterable {
    case jpeg, png, webp, gif, heic, avif
    case mp4, mov
    case threeGP = "3gp"
    case webm
    case matroska = "mkv"
    case avi
    case mpegTS = "ts"

    /// IANA media type; for AVI and Matroska the one that browsers and servers use.
    public var contentType: String {
        switch self {
        case .jpeg, .png, .webp, .gif, .heic, .avif: "image/\(rawValue)"
        case .mp4, .webm: "video/\(rawValue)"
        case .mov: "video/quicktime"
        case .threeGP: "video/3gpp"
        case .matroska: "video/x-matroska"
        case .avi: "video/x-msvideo"
        case .mpegTS: "video/mp2t"
        }
    }
    /// What each media type stands for: those above, and others that browsers and phones say.
    public static let contentTypes: [String: ImageFormat] = {
        var types: [String: ImageFormat] = [
            "image/jpg": .jpeg, "image/pjpeg": .jpeg, "image/x-png": .png, "image/heif": .heic, "video/x-m4v": .mp4,
            "video/3gpp2": .threeGP,
            "video/avi": .avi, "video/vnd.avi": .avi, "video/matroska": .matroska,
        ]
        for format in allCases { types[format.contentType] = format }
        return types
    }()
    /// Usual extension of a file's name, without the dot.
    public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }
    /// As people write it.
    public var displayName: String {
        switch self {
        case .webp: "WebP"
        case .mov: "QuickTime"
        case .webm: "WebM"
        case .matroska: "Matroska"
        case .mpegTS: "MPEG-TS"
        default: rawValue.uppercased()
        }
    }
}
