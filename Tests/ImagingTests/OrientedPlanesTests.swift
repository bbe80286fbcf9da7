import Imaging
import Testing

@Suite struct OrientedPlanesTests {
    /// Where EXIF 2.32 says row 0 and column 0 of the stored picture are shown.
    private func shown(_ orientation: Orientation, x: Int, y: Int, in stored: PixelSize) -> (x: Int, y: Int) {
        let (right, bottom) = (stored.width - 1 - x, stored.height - 1 - y)
        return switch orientation {
        case .up: (x, y)  // row 0 top, column 0 left
        case .upMirrored: (right, y)  // top, right
        case .down: (right, bottom)  // bottom, right
        case .downMirrored: (x, bottom)  // bottom, left
        case .leftMirrored: (y, x)  // left, top
        case .right: (bottom, x)  // right, top
        case .rightMirrored: (bottom, right)  // right, bottom
        case .left: (y, right)  // left, bottom
        }
    }

    @Test(arguments: Orientation.allCases, [(1, 1), (1, 9), (8, 8), (17, 5), (24, 16), (31, 33)])
    func everyPixelGoesWhereTheStandardPutsIt(_ orientation: Orientation, _ size: (Int, Int)) {
        let plane = Plane.noise(size.0, size.1, padding: 3)
        let result = plane.oriented(orientation)
        #expect(result.size == orientation.displaySize(of: plane.size))
        for y in 0..<plane.height {
            for x in 0..<plane.width {
                let place = shown(orientation, x: x, y: y, in: plane.size)
                #expect(result[place.x, place.y] == plane[x, y])
            }
        }
    }

    @Test(arguments: Orientation.allCases, Orientation.allCases)
    func twoTurnsAreOne(_ first: Orientation, _ second: Orientation) {
        let plane = Plane.noise(5, 3)
        #expect(plane.oriented(first).oriented(second).rows == plane.oriented(first.followed(by: second)).rows)
    }

    @Test(arguments: Orientation.allCases) func aPartOfTheDisplayIsFoundInTheStoredPicture(_ orientation: Orientation) {
        let stored = PixelSize(width: 30, height: 20)
        let display = orientation.displaySize(of: stored)
        let plane = Plane.noise(30, 20)
        let part = PixelRect(x: 2, y: 5, width: 8, height: 10)
        let direct = plane.oriented(orientation).resampled(part, to: PixelSize(width: 8, height: 10))
        let inStored = orientation.storedRect(of: part, display: display)
        let size = PixelSize(width: Int(inStored.width), height: Int(inStored.height))
        #expect(plane.resampled(inStored, to: size).oriented(orientation).rows == direct.rows)
    }

    @Test(arguments: Orientation.allCases, [(47, 33), (48, 33), (47, 32)])
    func halvedChromaStaysWithItsLumaThroughEveryTurn(_ orientation: Orientation, _ size: (Int, Int)) {
        // Chroma as a smooth slope, so that half a sample's shift shows.
        let full = Raster(
            size: PixelSize(width: size.0, height: size.1), model: .ycbcr,
            planes: [
                .noise(size.0, size.1), .filled(size.0, size.1) { x, _ in UInt8(x * 5) }, .filled(size.0, size.1) { _, y in UInt8(y * 7) },
            ])
        let same = { (raster: Raster) in Placement(source: PixelRect(of: raster.size), target: raster.size) }
        let turnedFirst = full.oriented(orientation).resampled(same(full.oriented(orientation)))
        let turnedLast = full.resampled(same(full), turnedAfterwards: orientation).oriented(orientation)
        for plane in 1...2 {
            #expect(turnedLast.planes[plane].largestDifference(from: turnedFirst.planes[plane]) <= 1)
        }
    }
}
