import CFFmpeg
import Imaging

/// Brings a frame's colours to what a raster means: YCbCr of BT.601 at full range, or RGB.
enum VideoColor {
    /// The kept frame at a size.
    static func raster(_ reader: borrowing VideoReader, size: PixelSize) throws(CodecError) -> Raster {
        let frame = reader.kept
        let matrix = Matrix(coefficients: frame.coefficients, height: Int(frame.height))
        if let range = HighDynamicRange(transferCharacteristics: frame.transfer), !isRGB(frame) {
            // Tags of a high dynamic range without a matrix are common; it is BT.2020's then.
            let coefficients: Int32 = frame.coefficients == 1 ? 1 : 9
            let samples = try reader.rgb(UInt16.self, size, coefficients: coefficients, isFullRange: frame.is_full_range != 0)
            return ToneMapping(range).map(samples, size: size, isWide: frame.primaries != 1)
        }
        if isRGB(frame) {
            let samples = try reader.rgb(UInt8.self, size, coefficients: 5, isFullRange: true)
            return interleaved(samples, size)
        }
        let (layout, chroma) = layout(of: frame, size)
        var planes = try reader.ycbcr(layout, size, chroma: chroma)
        if frame.is_full_range == 0 { expand(&planes) }
        YCbCrMatrix(red: matrix.red, blue: matrix.blue)?.convert(&planes)
        return Raster(size: size, model: .ycbcr, planes: planes)
    }

    private static func isRGB(_ frame: cffmpeg_frame) -> Bool { frame.is_rgb != 0 }

    private static func layout(of frame: cffmpeg_frame, _ size: PixelSize) -> (cffmpeg_layout, chroma: PixelSize) {
        let half = (width: (size.width + 1) / 2, height: (size.height + 1) / 2)
        return switch (frame.horizontal, frame.vertical) {
        case (1, 1): (cffmpeg_yuv444, size)
        case (2, 1): (cffmpeg_yuv422, PixelSize(width: half.width, height: size.height))
        default: (cffmpeg_yuv420, PixelSize(width: half.width, height: half.height))
        }
    }

    /// The shares of red and blue in luma, by the matrix coefficients of ITU-T H.273.
    private struct Matrix {
        let red: Double
        let blue: Double

        /// A code that is reserved, unspecified or cannot be true counts as what such a size is broadcast in.
        init(coefficients: Int32, height: Int) {
            switch coefficients {
            case 1: (red, blue) = (0.2126, 0.0722)
            case 4, 5, 6: (red, blue) = (0.299, 0.114)
            case 7: (red, blue) = (0.212, 0.087)
            case 9, 10: (red, blue) = (0.2627, 0.0593)
            default: (red, blue) = height >= 720 ? (0.2126, 0.0722) : (0.299, 0.114)
            }
        }
    }

    /// Limited range (luma 16 to 235, chroma 16 to 240) to full.
    private static func expand(_ planes: inout [Plane]) {
        let luma = (0..<256).map { UInt8(max(0, min(255, ((Double($0) - 16) * 255 / 219).rounded()))) }
        let chroma = (0..<256).map { UInt8(max(0, min(255, ((Double($0) - 128) * 255 / 224 + 128).rounded()))) }
        for index in planes.indices {
            let table = index == 0 ? luma : chroma
            table.withUnsafeBufferPointer { table in
                planes[index].samples.withUnsafeMutableBufferPointer { samples in
                    for at in samples.indices { samples[at] = table[Int(samples[at])] }
                }
            }
        }
    }

    static func interleaved(_ samples: [UInt8], _ size: PixelSize) -> Raster {
        let planes = (0..<3).map { channel in
            let values = [UInt8](unsafeUninitializedCapacity: size.area) { target, count in
                for index in 0..<size.area { target[index] = samples[index * 3 + channel] }
                count = size.area
            }
            return Plane(width: size.width, height: size.height, samples: values)
        }
        return Raster(size: size, model: .rgb, planes: planes)
    }
}
