import Codecs
import Imaging

/// A named size that every photo is rendered in.
public struct Preset: Sendable, Hashable, Codable {
    /// `a-z`, `0-9`, `-`, `_`; stands in the rendition's URL.
    public let name: String
    /// The box that the picture is brought to; never enlarged.
    public let box: PixelSize
    public let mode: ResizeMode

    /// Pixels of a box's side, at most: what WebP's header can hold (RFC 9649 section 2.7); every other format takes more.
    public static let longestSide = WebPEncoder.longestSide

    public init(name: String, box: PixelSize, mode: ResizeMode) {
        self.name = name
        self.box = box
        self.mode = mode
    }

    /// What an ad or a post needs: `thumb` 160×160 cut, `small`, `medium` and `large` within 320, 640 and 1280.
    public static let defaults = [
        Preset(name: "thumb", box: PixelSize(width: 160, height: 160), mode: .crop),
        Preset(name: "small", box: PixelSize(width: 320, height: 320), mode: .fit),
        Preset(name: "medium", box: PixelSize(width: 640, height: 640), mode: .fit),
        Preset(name: "large", box: PixelSize(width: 1280, height: 1280), mode: .fit),
    ]
}
