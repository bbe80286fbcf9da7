import Imaging

/// Deterministic noise (SplitMix64).
struct Noise: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension Plane {
    /// A sample for each column and row; rows padded by `padding` bytes of 99, which nothing may read as picture.
    static func filled(_ width: Int, _ height: Int, padding: Int = 0, _ value: (Int, Int) -> UInt8) -> Plane {
        var plane = Plane(
            width: width, height: height, stride: width + padding,
            samples: [UInt8](repeating: 99, count: (width + padding) * height))
        for y in 0..<height { for x in 0..<width { plane[x, y] = value(x, y) } }
        return plane
    }

    static func noise(_ width: Int, _ height: Int, seed: UInt64 = 1, padding: Int = 0) -> Plane {
        var noise = Noise(seed: seed)
        return filled(width, height, padding: padding) { _, _ in UInt8.random(in: 0...255, using: &noise) }
    }

    /// The samples row by row, without padding.
    var rows: [[UInt8]] { (0..<height).map { y in (0..<width).map { self[$0, y] } } }

    func largestDifference(from other: Plane) -> Int {
        guard size == other.size else { return .max }
        return zip(rows.joined(), other.rows.joined()).map { abs(Int($0) - Int($1)) }.max() ?? 0
    }
}

extension Raster {
    static func rgb(_ width: Int, _ height: Int, _ color: (Int, Int) -> (r: UInt8, g: UInt8, b: UInt8)) -> Raster {
        Raster(
            size: PixelSize(width: width, height: height), model: .rgb,
            planes: [
                .filled(width, height) { color($0, $1).r }, .filled(width, height) { color($0, $1).g },
                .filled(width, height) { color($0, $1).b },
            ])
    }

    func withAlpha(_ coverage: (Int, Int) -> UInt8) -> Raster {
        Raster(size: size, model: model, planes: planes, alpha: .filled(size.width, size.height, coverage))
    }
}
