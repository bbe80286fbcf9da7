import Codecs
import Foundation
import Imaging
import MediaPipeline

/// A file that is gone when the value is.
final class TemporaryImage: Sendable {
    let path: String

    init(_ bytes: [UInt8]) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("agrovet-pipeline-\(UUID().uuidString)").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Pictures whose corners tell which way is up: top left red, top right green, bottom left blue, bottom right white.
enum TestPhotos {
    static func raster(_ width: Int, _ height: Int, alpha: Bool = false) -> Raster {
        func plane(_ value: (Bool, Bool) -> UInt8) -> Plane {
            var plane = Plane(width: width, height: height, filledWith: 0)
            for y in 0..<height { for x in 0..<width { plane[x, y] = value(2 * x < width, 2 * y < height) } }
            return plane
        }
        return Raster(
            size: PixelSize(width: width, height: height), model: .rgb,
            planes: [
                plane { left, top in left == top ? 240 : 20 }, plane { left, _ in left ? 20 : 240 }, plane { _, top in top ? 20 : 240 },
            ],
            // The left half is glass.
            alpha: alpha ? plane { left, _ in left ? 100 : 255 } : nil)
    }

    /// Stored so that turning it by `orientation` shows the picture upright.
    static func jpeg(_ width: Int, _ height: Int, orientation: Orientation = .up) throws -> [UInt8] {
        let upright = raster(width, height)
        let undone: Orientation =
            switch orientation {
            case .right: .left
            case .left: .right
            default: orientation
            }
        let bytes = try JPEGEncoder.encode(upright.oriented(undone), quality: 90)
        let exif: [UInt8] =
            Array("Exif\0\0MM\0*".utf8)
            + [0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation.rawValue, 0, 0, 0, 0, 0, 0]
        return bytes[..<2] + [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif + bytes[2...]
    }
}

extension Rendition {
    /// The pixels as a viewer of the file sees them.
    func decoded() throws -> Raster {
        let image = try TemporaryImage(bytes)
        let file = try ImageFile(path: image.path)
        let info = try ImageDecoder.readInfo(file)
        return try ImageDecoder.decode(file, info: info, atLeast: info.storedSize).convertedToRGB()
    }
}

extension Raster {
    /// Colour of the middle of a quarter, 0 or 1 across and down.
    func quarter(_ x: Int, _ y: Int) -> [UInt8] {
        planes.map { $0[size.width * (1 + 2 * x) / 4, size.height * (1 + 2 * y) / 4] }
    }

    var looksUpright: Bool {
        func isNear(_ color: [UInt8], _ expected: [Int]) -> Bool { zip(color, expected).allSatisfy { abs(Int($0) - $1) < 40 } }
        return isNear(quarter(0, 0), [240, 20, 20]) && isNear(quarter(1, 0), [20, 240, 20])
            && isNear(quarter(0, 1), [20, 20, 240]) && isNear(quarter(1, 1), [240, 240, 240])
    }
}
