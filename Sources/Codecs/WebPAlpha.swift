import CWebP
import Foundation
import Imaging

/// The alpha plane of a lossy WebP: the `ALPH` chunk (RFC 9649 section 2.7.1.2), lossless.
///
/// libwebp compresses a plane twice, as it is and filtered, and keeps the smaller one: up to a third of a picture's time. Here the plane
/// tells which of them it will be, and both are tried only where it does not.
package struct WebPAlpha {
    private let plane: Plane
    private let method: Int

    /// - Parameter method: libwebp's, 0 (fast) to 6 (small).
    package init(_ plane: Plane, method: Int) {
        self.plane = plane
        self.method = method
    }

    /// How samples are predicted from those before them; the number is the chunk's.
    package enum Filter: UInt8 {
        case none, horizontal, vertical, gradient
    }

    /// The chunk's payload.
    package func payload() throws(CodecError) -> [UInt8] {
        var smallest: [UInt8]?
        for filter in filters {
            let payload = try compressed(filter)
            if payload.count < smallest?.count ?? .max { smallest = payload }
        }
        // Noise is larger for being compressed.
        guard let smallest, smallest.count <= plane.width * plane.height else { return [Self.stored] + residuals(.none) }
        return smallest
    }

    /// Header of samples that are not compressed.
    private static let stored: UInt8 = 0
    private static let lossless: UInt8 = 1

    private func compressed(_ filter: Filter) throws(CodecError) -> [UInt8] {
        var config = try WebPEncoder.configuration(quality: Self.effort * method, method: method)
        config.lossless = 1
        config.exact = 1
        let residuals = residuals(filter)
        let file = try WebPEncoder.encode(PixelSize(width: plane.width, height: plane.height), &config) { picture in
            picture.use_argb = 1
            guard WebPPictureAlloc(&picture) != 0 else { return false }
            for y in 0..<plane.height {
                let row = picture.argb + y * Int(picture.argb_stride)
                for x in 0..<plane.width { row[x] = 0xFF00_0000 | UInt32(residuals[y * plane.width + x]) << 8 }
            }
            return true
        }.get()
        return [Self.lossless | filter.rawValue << 2] + file[Self.streamStart...]
    }

    /// libwebp's own quality of an alpha plane is eight times the method.
    private static let effort = 8
    /// Of the image stream in a file of lossless WebP: the headers of the file and of its chunk, and five bytes of signature and size.
    private static let streamStart = 12 + 8 + 5

    // MARK: Filters

    /// Samples less what is predicted of them, row by row; the first of a row from the one above it, the first row from the left.
    func residuals(_ filter: Filter) -> [UInt8] {
        let (width, height) = (plane.width, plane.height)
        return [UInt8](unsafeUninitializedCapacity: width * height) { target, count in
            plane.samples.withUnsafeBufferPointer { samples in
                for y in 0..<height {
                    let row = samples.baseAddress! + y * plane.stride
                    let above = y > 0 ? row - plane.stride : nil
                    let output = target.baseAddress! + y * width
                    guard filter != .none else {
                        output.update(from: row, count: width)
                        continue
                    }
                    output[0] = row[0] &- (above?[0] ?? 0)
                    guard let above else {
                        for x in 1..<max(1, width) { output[x] = row[x] &- row[x - 1] }
                        continue
                    }
                    switch filter {
                    case .none: break
                    case .horizontal: for x in 1..<max(1, width) { output[x] = row[x] &- row[x - 1] }
                    case .vertical: for x in 1..<max(1, width) { output[x] = row[x] &- above[x] }
                    case .gradient:
                        for x in 1..<max(1, width) {
                            output[x] = row[x] &- Self.gradient(left: row[x - 1], above: above[x], corner: above[x - 1])
                        }
                    }
                }
            }
            count = width * height
        }
    }

    private static func gradient(left: UInt8, above: UInt8, corner: UInt8) -> UInt8 {
        UInt8(clamping: Int16(left) + Int16(above) - Int16(corner))
    }

    /// Those worth trying.
    ///
    /// Soft shades are small filtered; masks, edges and noise are as they are, for the lossless coder predicts by itself and finds
    /// repetitions that a filter hides.
    package var filters: [Filter] {
        let shape = Shape(plane)
        if shape.levels <= Self.fewLevels || shape.roughness > Self.rough { return [.none] }
        return shape.roughness < Self.smooth ? [shape.best] : [.none, shape.best]
    }

    /// So many levels are bundled, several to a byte.
    private static let fewLevels = 16
    /// Mean distance from the gradient's prediction where the plane changes at all. Shades, even dithered ones, are under one; photographs
    /// and the edges of masks over six.
    private static let smooth = 1.0
    private static let rough = 4.0
}

/// What a sample of a plane's rows tells of it.
private struct Shape {
    /// Different samples.
    private(set) var levels = 0
    /// Mean distance of a sample from the gradient's prediction, of those that are not as their left and upper neighbours are.
    private(set) var roughness = 0.0
    /// The filter whose residuals have the least entropy.
    private(set) var best = WebPAlpha.Filter.gradient

    private static let everyRow = 8

    init(_ plane: Plane) {
        var seen = [Bool](repeating: false, count: 256)
        var histograms = [[Int32]](repeating: [Int32](repeating: 0, count: 256), count: 3)
        var (changing, distance) = (0, 0)
        plane.samples.withUnsafeBufferPointer { samples in
            for y in stride(from: 0, to: plane.height, by: Self.everyRow) {
                let row = samples.baseAddress! + y * plane.stride
                for x in 0..<plane.width { seen[Int(row[x])] = true }
                guard y > 0 else { continue }
                let above = row - plane.stride
                histograms[0].withUnsafeMutableBufferPointer { horizontal in
                    for x in 1..<max(1, plane.width) { horizontal[Int(row[x] &- row[x - 1])] += 1 }
                }
                histograms[1].withUnsafeMutableBufferPointer { vertical in
                    for x in 1..<max(1, plane.width) { vertical[Int(row[x] &- above[x])] += 1 }
                }
                histograms[2].withUnsafeMutableBufferPointer { gradient in
                    for x in 1..<max(1, plane.width) {
                        let predicted = max(0, min(255, Int(row[x - 1]) + Int(above[x]) - Int(above[x - 1])))
                        gradient[(Int(row[x]) - predicted) & 0xFF] += 1
                        guard row[x] != row[x - 1] || row[x] != above[x] else { continue }
                        changing += 1
                        distance += abs(Int(row[x]) - predicted)
                    }
                }
            }
        }
        levels = seen.count { $0 }
        roughness = changing == 0 ? 0 : Double(distance) / Double(changing)
        let entropies = histograms.map(Self.bits)
        best = [.horizontal, .vertical, .gradient][entropies.indices.min { entropies[$0] < entropies[$1] }!]
    }

    private static func bits(_ histogram: [Int32]) -> Double {
        let total = histogram.reduce(0) { $0 + Double($1) }
        return histogram.reduce(0) { $1 == 0 ? $0 : $0 - Double($1) * log2(Double($1) / total) }
    }
}
