import Foundation
import Imaging
import Testing

@Suite struct FilterTests {
    @Test(arguments: [0.3, 1, 2, 2.6, 5, 20, 60]) func aBlurOfOneValueIsThatValue(_ sigma: Double) {
        for value: UInt8 in [0, 1, 77, 254, 255] {
            let plane = Plane.filled(37, 23, padding: 5) { _, _ in value }
            #expect(plane.blurred(sigmaX: sigma, sigmaY: sigma).rows.joined().allSatisfy { $0 == value })
        }
    }

    @Test(arguments: [0.5, 1, 1.7, 2.4, 2.5, 4, 9]) func anEdgeBlursToTheNormalDistributionsSum(_ sigma: Double) {
        let plane = Plane.filled(160, 6) { x, _ in x < 80 ? 0 : 255 }
        let blurred = plane.blurred(sigmaX: sigma, sigmaY: sigma)
        for x in 0..<160 {
            // Each sample stands for the middle of its pixel; the edge lies between two.
            let expected = 255 * 0.5 * (1 + erf((Double(x) - 79.5) / (sigma * 2.0.squareRoot())))
            #expect(abs(Double(blurred[x, 3]) - expected) <= max(5, 13 / sigma), "column \(x)")
        }
        #expect(blurred.rows[0] == blurred.rows[5])
    }

    @Test func bothAxesAreBlurredAlike() {
        let plane = Plane.noise(31, 17)
        let turned = plane.oriented(.right).blurred(sigmaX: 1.5, sigmaY: 4).oriented(.left)
        #expect(turned.largestDifference(from: plane.blurred(sigmaX: 4, sigmaY: 1.5)) <= 1)
    }

    @Test func halvedChromaIsBlurredByHalf() {
        let raster = Raster(
            size: PixelSize(width: 64, height: 64), model: .ycbcr,
            planes: [.noise(64, 64), .noise(32, 32, seed: 2), .noise(32, 32, seed: 3)])
        let blurred = raster.blurred(sigma: 4)
        #expect(blurred.planes[1].rows == raster.planes[1].blurred(sigmaX: 2, sigmaY: 2).rows)
        #expect(raster.blurred(sigma: 0).planes[0].rows == raster.planes[0].rows)
    }

    @Test func sharpeningOvershootsAtAnEdgeAndLeavesTheFlatAlone() {
        let plane = Plane.filled(40, 8) { x, _ in x < 20 ? 100 : 150 }
        let gray = Raster(size: plane.size, model: .gray, planes: [plane]).sharpened(sigma: 1)
        #expect(gray.planes[0][0, 4] == 100 && gray.planes[0][39, 4] == 150)
        // The blurred step at half a pixel from the edge is 0.6915 of the way (the normal distribution at ½).
        #expect(abs(Int(gray.planes[0][20, 4]) - 165) <= 1 && abs(Int(gray.planes[0][19, 4]) - 85) <= 1)
    }

    @Test func sharpeningNeverMakesAColourStrongerThanItsCoverage() {
        let raster = Raster.rgb(20, 20) { x, _ in x < 10 ? (0, 0, 0) : (100, 100, 100) }.withAlpha { _, _ in 110 }
        #expect(raster.sharpened(sigma: 2).planes.allSatisfy { $0.rows.joined().allSatisfy { $0 <= 110 } })
    }

    @Test func aBorderIsFoundToThePixel() {
        let raster = Raster.rgb(30, 20) { x, y in (5..<25).contains(x) && (3..<11).contains(y) ? (200, 10, 10) : (250, 250, 250) }
        #expect(raster.withoutBorder(threshold: 10) == PixelRect(x: 5, y: 3, width: 20, height: 8))
        #expect(raster.withoutBorder(threshold: 245) == PixelRect(x: 0, y: 0, width: 30, height: 20), "nothing but border")
        let gray = Raster(size: PixelSize(width: 9, height: 9), model: .gray, planes: [.filled(9, 9) { x, y in x == 4 && y == 8 ? 20 : 9 }])
        #expect(gray.withoutBorder(threshold: 10) == PixelRect(x: 4, y: 8, width: 1, height: 1))
        #expect(gray.withoutBorder(threshold: 11) == PixelRect(x: 0, y: 0, width: 9, height: 9))
    }

    @Test func paddingIsTransparentOrOfItsColour() {
        let raster = Raster.rgb(2, 1) { x, _ in (UInt8(x + 1), 9, 9) }
        let clear = raster.padded(to: PixelSize(width: 4, height: 3), x: 1, y: 2, color: nil)
        #expect(clear.alpha?.rows == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 255, 255, 0]])
        #expect(clear.planes[0].rows[2] == [0, 1, 2, 0])
        let red = raster.padded(to: PixelSize(width: 4, height: 1), x: 2, y: 0, color: RGBColor(r: 200, g: 0, b: 7))
        #expect(red.alpha == nil && red.planes[0].rows == [[200, 200, 1, 2]] && red.planes[2].rows == [[7, 7, 9, 9]])
    }

    @Test func flatteningShowsTheColourWhereNothingCovers() {
        let raster = Raster.rgb(3, 1) { x, _ in (UInt8(x * 50), 0, 0) }.withAlpha { x, _ in [0, 51, 255][x] }
        let flat = raster.flattened(over: RGBColor(r: 100, g: 200, b: 0))
        // 50 + 100 · 204/255 = 130; 200 · 204/255 = 160.
        #expect(flat.planes[0].rows == [[100, 130, 100]] && flat.planes[1].rows == [[200, 160, 0]] && flat.alpha == nil)
    }

    @Test func anOverlayCoversByItsAlphaAndOpacity() {
        let base = Raster.rgb(4, 2) { _, _ in (100, 100, 100) }
        let mark = Raster.rgb(2, 2) { _, _ in (255, 0, 0) }
        let laid = base.overlaid(with: mark, x: 3, y: 1, opacity: 0.2)
        // 255 · 51/255 + 100 · 204/255 = 131; 80 of green. One pixel of the mark lies within the picture.
        #expect(laid.planes[0].rows == [[100, 100, 100, 100], [100, 100, 100, 131]] && laid.planes[1][3, 1] == 80)
        let glass = base.withAlpha { _, _ in 0 }
        let onGlass = Raster(size: glass.size, model: .rgb, planes: glass.premultiplied().planes, alpha: glass.alpha)
        #expect(onGlass.overlaid(with: mark, x: 0, y: 0, opacity: 1).alpha?.rows == [[255, 255, 0, 0], [255, 255, 0, 0]])
        #expect(base.overlaid(with: mark, x: -5, y: 9, opacity: 1).planes[0].rows == base.planes[0].rows)
    }

    @Test func theCutGoesWhereThereIsSomethingToSee() {
        var noise = Noise(seed: 4)
        let right = Raster.rgb(300, 100) { x, _ in x > 220 ? (.random(in: 0...255, using: &noise), 60, 0) : (90, 90, 90) }
        #expect(Saliency(right).bestCut(width: 1.0 / 3, height: 1).x > 0.9)
        #expect(Saliency(right.oriented(.upMirrored)).bestCut(width: 1.0 / 3, height: 1).x < 0.1)
        #expect(Saliency(right.oriented(.right)).bestCut(width: 1, height: 1.0 / 3).y > 0.9)
        let flat = Raster.rgb(300, 100) { _, _ in (90, 90, 90) }
        let middle = Saliency(flat).bestCut(width: 1.0 / 3, height: 1)
        #expect(middle.x == 0.5 && middle.y == 0.5)
        #expect(Saliency(Raster.rgb(1, 1) { _, _ in (1, 2, 3) }).bestCut(width: 1, height: 1).x == 0.5)
    }
}
