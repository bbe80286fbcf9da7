import Imaging
import Testing

/// The definition of resampling, in double precision: every sample under the filter, normalised.
private func reference(_ plane: Plane, _ rect: PixelRect, _ size: PixelSize, _ filter: ResamplingFilter) -> Plane {
    func weights(_ start: Double, _ length: Double, _ target: Int, of count: Int, among samples: Int) -> [(Int, Double)] {
        let scale = length / Double(count)
        let center = start + (Double(target) + 0.5) * scale
        let all = (0..<samples).map { ($0, filter.value(at: (Double($0) + 0.5 - center) / max(1, scale))) }
        let sum = all.reduce(0) { $0 + $1.1 }
        return all.map { ($0.0, $0.1 / sum) }
    }
    let columns = (0..<size.width).map { weights(rect.x, rect.width, $0, of: size.width, among: plane.width) }
    let rows = (0..<size.height).map { weights(rect.y, rect.height, $0, of: size.height, among: plane.height) }
    let narrowed = (0..<plane.height).map { y in columns.map { $0.reduce(0) { $0 + Double(plane[$1.0, y]) * $1.1 } } }
    return .filled(size.width, size.height) { x, y in
        UInt8(max(0, min(255, rows[y].reduce(0) { $0 + narrowed[$1.0][x] * $1.1 }.rounded())))
    }
}

@Suite struct ResamplingTests {
    struct Case: Sendable {
        let source: (Int, Int)
        let rect: PixelRect
        let target: (Int, Int)
    }
    static let cases = [
        Case(source: (64, 48), rect: PixelRect(x: 0, y: 0, width: 64, height: 48), target: (40, 30)),
        Case(source: (64, 48), rect: PixelRect(x: 0, y: 0, width: 64, height: 48), target: (7, 5)),
        Case(source: (61, 47), rect: PixelRect(x: 3.25, y: 7.5, width: 40.6, height: 31.1), target: (29, 17)),
        Case(source: (33, 20), rect: PixelRect(x: 0, y: 0, width: 32.5, height: 19.5), target: (16, 10)),
        Case(source: (9, 9), rect: PixelRect(x: 0, y: 0, width: 9, height: 9), target: (21, 14)),
        Case(source: (3, 200), rect: PixelRect(x: 0, y: 0, width: 3, height: 200), target: (1, 13)),
        Case(source: (1, 1), rect: PixelRect(x: 0, y: 0, width: 1, height: 1), target: (5, 3)),
        Case(source: (300, 2), rect: PixelRect(x: 0, y: 0, width: 300, height: 2), target: (4, 1)),
    ]

    @Test(arguments: cases, ResamplingFilter.allCases)
    func fixedPointIsWithinOneLevelOfTheDefinition(_ example: Case, filter: ResamplingFilter) {
        let plane = Plane.noise(example.source.0, example.source.1, padding: 5)
        let size = PixelSize(width: example.target.0, height: example.target.1)
        let result = plane.resampled(example.rect, to: size, filter: filter)
        #expect(result.largestDifference(from: reference(plane, example.rect, size, filter)) <= 1)
    }

    @Test(arguments: [UInt8(0), 1, 127, 254, 255]) func aFlatAreaStaysExactlyFlat(_ level: UInt8) {
        let plane = Plane.filled(53, 31, padding: 3) { _, _ in level }
        let result = plane.resampled(PixelRect(x: 1.3, y: 0.2, width: 50.1, height: 30), to: PixelSize(width: 17, height: 11))
        #expect(result.rows.joined().allSatisfy { $0 == level })
    }

    @Test func theWholeAtItsOwnSizeIsThePlaneItself() {
        let plane = Plane.noise(20, 10, padding: 4)
        #expect(plane.resampled(PixelRect(of: plane.size), to: plane.size).rows == plane.rows)
    }

    @Test func aCutAtWholePixelsWithoutScalingCopies() {
        let plane = Plane.noise(40, 40)
        let cut = plane.resampled(PixelRect(x: 8, y: 5, width: 16, height: 20), to: PixelSize(width: 16, height: 20))
        #expect(cut.rows == (5..<25).map { y in (8..<24).map { plane[$0, y] } })
    }

    @Test func resamplingAMirroredPlaneMirrorsTheResult() {
        let plane = Plane.noise(50, 37)
        let size = PixelSize(width: 23, height: 14)
        let mirrored = plane.oriented(.upMirrored).resampled(PixelRect(of: plane.size), to: size)
        #expect(mirrored.largestDifference(from: plane.resampled(PixelRect(of: plane.size), to: size).oriented(.upMirrored)) <= 1)
    }

    @Test func averagingsLossIsGivenBack() {
        // A fine wave, its mean of four by four, and what it would be if it had been reduced at once.
        let fine = Plane.filled(512, 64) { x, _ in UInt8(128 + 100 * wave(Double(x), period: 18)) }
        let averaged = Plane.filled(128, 16) { x, y in
            UInt8((0..<16).reduce(0) { $0 + Int(fine[4 * x + $1 % 4, 4 * y + $1 / 4]) } / 16)
        }
        let size = PixelSize(width: 80, height: 10)
        let ideal = fine.resampled(PixelRect(of: fine.size), to: size)
        let plain = averaged.resampled(PixelRect(of: averaged.size), to: size)
        let restored = averaged.resampled(PixelRect(of: averaged.size), to: size, averaged: 4)
        #expect(restored.squaredError(to: ideal) < plain.squaredError(to: ideal) / 2)
    }

    private func wave(_ x: Double, period: Double) -> Double {
        // A parabola's approximation of a sine is wave enough.
        let phase = (x / period).truncatingRemainder(dividingBy: 1)
        let half = phase < 0.5 ? phase * 2 : (phase - 0.5) * 2
        return (phase < 0.5 ? 1 : -1) * 4 * half * (1 - half)
    }
}

extension Plane {
    func squaredError(to other: Plane) -> Int {
        zip(rows.joined(), other.rows.joined()).reduce(0) { $0 + (Int($1.0) - Int($1.1)) * (Int($1.0) - Int($1.1)) }
    }
}
