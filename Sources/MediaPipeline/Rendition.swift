import Codecs
import Imaging

/// One rendition that somebody asks for.
public struct RenditionRequest: Sendable, Hashable, Codable {
    public let preset: Preset
    public let format: OutputFormat

    public init(preset: Preset, format: OutputFormat) {
        self.preset = preset
        self.format = format
    }
}

/// One finished file.
public struct Rendition: Sendable {
    /// The preset's name.
    public let preset: String
    public let format: OutputFormat
    /// As displayed.
    public let size: PixelSize
    public let bytes: [UInt8]
}

/// What came of rendering one picture.
public struct RenderResult: Sendable {
    /// ThumbHash of the upright picture.
    public let placeholder: [UInt8]
    /// The dominant colour.
    public let color: RGBColor
    /// In the order of the presets, then of the formats.
    public let renditions: [Rendition]
}
