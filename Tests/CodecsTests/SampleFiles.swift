import Codecs
import Foundation
import Imaging

/// The images and videos of `samples/`, and files made of bytes.
enum SampleFiles {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("samples")

    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appendingPathComponent(name))) }

    static func file(_ name: String) throws -> ImageFile { try ImageFile(path: folder.appendingPathComponent(name).path) }

    /// A file of these bytes; its name is gone at once, the mapping stays.
    static func file(_ bytes: [UInt8]) throws -> ImageFile {
        let path = NSTemporaryDirectory() + "agrovet-codecs-" + UUID().uuidString
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        return try ImageFile(path: path)
    }

    /// Every image of the folder that is whole, by its extension's format.
    static let whole: [(name: String, format: ImageFormat)] = [
        ("photo.jpg", .jpeg), ("progressive.jpg", .jpeg), ("gray.jpg", .jpeg), ("cmyk.jpg", .jpeg), ("ycck.jpg", .jpeg),
        ("422.jpg", .jpeg), ("444.jpg", .jpeg), ("gps.jpg", .jpeg), ("display-p3.jpg", .jpeg),
        ("orientation-1.jpg", .jpeg), ("orientation-6.jpg", .jpeg), ("alpha.png", .png), ("palette.png", .png), ("16bit.png", .png),
        ("interlaced.png", .png), ("photo.webp", .webp), ("alpha.webp", .webp), ("animated.webp", .webp), ("lossless.webp", .webp),
        ("animated.gif", .gif), ("disposal.gif", .gif), ("sprite.gif", .gif), ("composition.webp", .webp), ("photo.heic", .heic),
        ("photo.avif", .avif),
    ]
}

extension SampleFiles {
    /// Every video of the folder that is whole, by the format that its bytes tell.
    static let videos: [(name: String, format: ImageFormat)] = [
        ("video.mp4", .mp4), ("video-index-at-end.mov", .mov), ("video-rotated.mov", .mov), ("video-mirrored.mov", .mov),
        ("video-hevc.mov", .mov), ("video.webm", .webm), ("video-av1.webm", .webm), ("video-odd.mp4", .mp4), ("video.3gp", .threeGP),
        ("video.ts", .mpegTS), ("video.avi", .avi), ("video.mkv", .matroska), ("video-black-intro.mp4", .mp4), ("video-pq.mp4", .mp4),
        ("video-hlg.mov", .mov), ("video-cover.mp4", .mp4),
    ]
}

/// Decodes bytes at their full size, or at least at `minimum`.
func decode(_ file: ImageFile, atLeast minimum: PixelSize? = nil) throws(CodecError) -> Raster {
    let info = try ImageDecoder.readInfo(file)
    return try ImageDecoder.decode(file, info: info, atLeast: minimum ?? info.storedSize)
}

extension Raster {
    /// Red, green, blue and alpha at a pixel (of `.rgb` and `.gray`).
    func pixel(_ x: Int, _ y: Int) -> [UInt8] {
        let color = model == .gray ? [planes[0][x, y], planes[0][x, y], planes[0][x, y]] : planes.map { $0[x, y] }
        return color + [alpha.map { $0[x, y] } ?? 255]
    }

    /// The picture in sRGB as a viewer sees it, brought to 16 × 12 pixels: red, green and blue of each.
    func overview(_ info: ImageInfo) throws -> [[Double]] {
        let converted =
            ICCConverter.needsConversion(profile: info.iccProfile, model: model)
            ? try ICCConverter.convert(self, profile: info.iccProfile) : self
        let target = info.orientation.displaySize(of: PixelSize(width: 16, height: 12))
        let placement = Placement(source: ImageDecoder.extent(of: size, info: info), target: target)
        let small = converted.convertedToRGB().resampled(placement, filter: .mitchell).oriented(info.orientation)
        return (0..<12).flatMap { y in (0..<16).map { x in small.planes.map { Double($0[x, y]) } } }
    }
}
