import Codecs
import Foundation
import Imaging
import TestSupport
import Testing

/// Sequential files are read by the decoder's own reader of entropy-coded data, progressive ones by libjpeg's. jpegtran brings the
/// same coefficients from one kind to the other.
@Suite struct JPEGScanTests {
    /// Grain, which at quality 100 takes long codes and large values; its lower part is flat, which takes long runs and few.
    private func grain(_ width: Int, _ height: Int) -> Raster {
        var state: UInt32 = 1
        func plane(_ amplitude: Int) -> Plane {
            var plane = Plane(width: width, height: height, filledWith: 128)
            for y in 0..<height * 2 / 3 {
                for x in 0..<width {
                    state = state &* 1_664_525 &+ 1_013_904_223
                    plane[x, y] = UInt8(128 + (Int(state >> 16) % 256 - 128) * (y < height / 3 ? amplitude : 8) / 128)
                }
            }
            return plane
        }
        return Raster(size: PixelSize(width: width, height: height), model: .rgb, planes: [plane(127), plane(60), plane(127)])
    }

    @Test(arguments: [100, 85, 30], [[], ["-optimize"], ["-restart", "1B"], ["-restart", "7B"], ["-restart", "1"], ["-grayscale"]])
    func aSequentialFileDecodesAsTheProgressiveOneDoes(_ quality: Int, _ options: [String]) async throws {
        let folder = try TemporaryFolder()
        let (source, sequential) = (folder.path + "/source.jpg", folder.path + "/sequential.jpg")
        let progressive = folder.path + "/progressive.jpg"
        try Data(JPEGEncoder.encode(grain(331, 197), quality: quality)).write(to: URL(fileURLWithPath: source))
        for (target, arguments) in [(sequential, options), (progressive, ["-progressive"] + options)] {
            let made = try await ChildProcess.run("jpegtran", arguments + ["-outfile", target, source])
            #expect(made.status == 0, "\(made.errors)")
        }
        let (one, other) = (try bytes(sequential), try bytes(progressive))
        for divisor in [1, 3, 6, 12, 20] {
            let minimum = PixelSize(width: 331 / divisor, height: 197 / divisor)
            let (info, raster) = try decoded(one, atLeast: minimum)
            let (expectedInfo, expected) = try decoded(other, atLeast: minimum)
            #expect(try withFile(one) { try ImageDecoder.readsJPEGItself($0) } && !withFile(other) { try ImageDecoder.readsJPEGItself($0) })
            #expect(!info.isProgressive && expectedInfo.isProgressive)
            #expect(raster.size == expected.size)
            for (plane, expectedPlane) in zip(raster.planes, expected.planes) { #expect(isSame(plane, expectedPlane)) }
        }
    }

    @Test func aSequentialFileThatHasGoneWrongNeverCrashes() async throws {
        let folder = try TemporaryFolder()
        let (source, target) = (folder.path + "/source.jpg", folder.path + "/sequential.jpg")
        try Data(JPEGEncoder.encode(grain(64, 48), quality: 90)).write(to: URL(fileURLWithPath: source))
        #expect(try await ChildProcess.run("jpegtran", ["-restart", "2B", "-outfile", target, source]).status == 0)
        let whole = try bytes(target)
        #expect(try failure(whole) == nil)
        var state: UInt32 = 3
        for _ in 0..<600 {
            var broken = whole
            for _ in 0..<3 {
                state = state &* 1_664_525 &+ 1_013_904_223
                broken[2 + Int(state >> 8) % (whole.count - 2)] = UInt8(truncatingIfNeeded: state >> 24)
            }
            let error = try failure(broken)
            #expect(error == nil || error!.isPermanent)
        }
        for count in stride(from: 4, to: whole.count - 2, by: 7) { #expect(try failure(Array(whole[..<count])) == .truncated(.jpeg)) }
    }

    /// What is not flawless is libjpeg's, which knows what to make of it.
    @Test func aFlawedFileIsLeftToTheLibrary() async throws {
        let folder = try TemporaryFolder()
        let (source, target) = (folder.path + "/source.jpg", folder.path + "/sequential.jpg")
        try Data(JPEGEncoder.encode(grain(64, 48), quality: 90)).write(to: URL(fileURLWithPath: source))
        #expect(try await ChildProcess.run("jpegtran", ["-restart", "1", "-outfile", target, source]).status == 0)
        let whole = try bytes(target)
        #expect(try withFile(whole) { try ImageDecoder.readsJPEGItself($0) })
        var state: UInt32 = 9
        var left = 0
        for _ in 0..<300 {
            var broken = whole
            state = state &* 1_664_525 &+ 1_013_904_223
            broken[whole.count / 2 + Int(state >> 8) % (whole.count / 2 - 2)] ^= 1 << (state >> 29)
            if (try? withFile(broken) { try ImageDecoder.readsJPEGItself($0) }) == false { left += 1 }
        }
        #expect(left > 0, "files that decode in spite of a flaw")
    }

    private func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

    private func isSame(_ a: Plane, _ b: Plane) -> Bool {
        a.size == b.size && (0..<a.height).allSatisfy { y in (0..<a.width).allSatisfy { x in a[x, y] == b[x, y] } }
    }
}
