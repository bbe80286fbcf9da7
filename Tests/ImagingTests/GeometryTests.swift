import Imaging
import Testing

@Suite struct GeometryTests {
    @Test func fitKeepsTheAspectOfALandscapePhoto() {
        let placed = Placement.placing(
            PixelSize(width: 4000, height: 3000), in: PixelSize(width: 1280, height: 1280), mode: .fit)
        #expect(placed.target == PixelSize(width: 1280, height: 960))
        #expect(placed.source == PixelRect(x: 0, y: 0, width: 4000, height: 3000))
    }

    @Test func fitNeverEnlarges() {
        let size = PixelSize(width: 100, height: 50)
        #expect(Placement.placing(size, in: PixelSize(width: 320, height: 320), mode: .fit).target == size)
    }

    @Test func fitLeavesAtLeastOnePixelOfAVeryLongPicture() {
        let placed = Placement.placing(
            PixelSize(width: 10_000, height: 1), in: PixelSize(width: 320, height: 320), mode: .fit)
        #expect(placed.target == PixelSize(width: 320, height: 1))
    }

    @Test func cropTakesTheMiddleSquare() {
        let placed = Placement.placing(
            PixelSize(width: 1280, height: 960), in: PixelSize(width: 160, height: 160), mode: .crop)
        #expect(placed.target == PixelSize(width: 160, height: 160))
        #expect(placed.source == PixelRect(x: 160, y: 0, width: 960, height: 960))
    }

    @Test func cropOfAPictureSmallerThanTheBoxOnOneSideCutsOnlyTheOther() {
        let placed = Placement.placing(
            PixelSize(width: 400, height: 100), in: PixelSize(width: 160, height: 160), mode: .crop)
        #expect(placed.target == PixelSize(width: 160, height: 100))
        #expect(placed.source == PixelRect(x: 120, y: 0, width: 160, height: 100))
    }

    @Test(arguments: Orientation.allCases)
    func orientationSwapsTheAxesOfQuarterTurnsOnly(_ orientation: Orientation) {
        let shown = orientation.displaySize(of: PixelSize(width: 3, height: 2))
        let quarterTurn = [.leftMirrored, .right, .rightMirrored, .left].contains(orientation)
        #expect(shown == (quarterTurn ? PixelSize(width: 2, height: 3) : PixelSize(width: 3, height: 2)))
    }
}
