import CWebP
import Imaging
import Testing

/// Alpha planes of the kinds that pictures have.
enum AlphaShape: CaseIterable {
    /// One edge, smoothed.
    case mask
    /// A ramp along one side.
    case shade
    /// A ramp in both directions that ends in a flat.
    case shadow
    /// Two levels.
    case binary
    case noise
    case opaque

    func plane(_ width: Int, _ height: Int) -> Plane {
        var noise: UInt32 = 7
        var samples: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let (u, v) = (Double(x) / Double(width), Double(y) / Double(height))
                let inside = 0.16 - (u - 0.5) * (u - 0.5) - (v - 0.5) * (v - 0.5)
                let value: Double
                switch self {
                case .mask: value = inside * 255 * 40 + 128
                case .shade: value = u * 4 * 255
                case .shadow: value = min(u, v) * 2 * 255
                case .binary: value = inside > 0 ? 255 : 0
                case .noise:
                    noise = noise &* 1_664_525 &+ 1_013_904_223
                    value = Double(noise >> 24)
                case .opaque: value = 255
                }
                samples.append(UInt8(max(0, min(255, value.rounded()))))
            }
        }
        return Plane(width: width, height: height, samples: samples)
    }

    /// Payload of the ALPH chunk that libwebp writes by itself.
    static func bytesByLibwebp(_ plane: Plane, method: Int32) throws -> Int {
        var config = WebPConfig()
        var picture = WebPPicture()
        try #require(WebPConfigInit(&config) != 0 && WebPPictureInit(&picture) != 0)
        config.method = method
        defer { WebPPictureFree(&picture) }
        (picture.width, picture.height) = (Int32(plane.width), Int32(plane.height))
        let pixels = plane.samples.flatMap { [90, 120, 60, $0] as [UInt8] }
        try #require(WebPPictureImportRGBA(&picture, pixels, Int32(plane.width * 4)) != 0)
        var writer = WebPMemoryWriter()
        WebPMemoryWriterInit(&writer)
        defer { WebPMemoryWriterClear(&writer) }
        let file = try withUnsafeMutablePointer(to: &writer) { writer in
            picture.writer = WebPMemoryWrite
            picture.custom_ptr = UnsafeMutableRawPointer(writer)
            try #require(WebPEncode(&config, &picture) != 0)
            return [UInt8](UnsafeBufferPointer(start: writer.pointee.mem, count: writer.pointee.size))
        }
        // Behind the headers of the file and of the canvas.
        let chunk = 12 + 18
        try #require(Array(file[chunk..<chunk + 4]) == Array("ALPH".utf8))
        return (0..<4).reduce(0) { $0 | Int(file[chunk + 4 + $1]) << ($1 * 8) }
    }
}
