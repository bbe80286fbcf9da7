import Codecs
import Imaging
import Testing

/// Whatever is done to a file, decoding ends with a raster or with a `CodecError`.
@Suite struct CorruptFileTests {
    /// A fixed sequence, so that a failure can be seen again (Knuth's MMIX generator).
    private struct Sequence: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    /// Small enough that a file which lies about its size costs neither time nor memory.
    private static let mostPixels = 4_000_000

    private func tryToDecode(_ bytes: [UInt8]) throws -> CodecError? {
        let file = try SampleFiles.file(bytes)
        do throws(CodecError) {
            let info = try ImageDecoder.readInfo(file)
            guard info.storedSize.area <= Self.mostPixels else { return .tooLarge(.init(width: 1, height: 1, allowedPixels: 1)) }
            let raster = try ImageDecoder.decode(file, info: info, atLeast: PixelSize(width: 64, height: 48).clamped(to: info.storedSize))
            #expect(raster.planes.count == raster.model.planeCount)
            if ICCConverter.needsConversion(profile: info.iccProfile, model: raster.model) {
                _ = try ICCConverter.convert(raster, profile: info.iccProfile)
            }
            try play(file, info)
            return nil
        } catch { return error }
    }

    /// All frames of an animation, where it does not claim to have many.
    private func play(_ file: ImageFile, _ info: ImageInfo) throws(CodecError) {
        guard info.animation != nil, info.frameCount * info.storedSize.area <= Self.mostPixels else { return }
        do {
            _ = try AnimationDecoder.decode(file, info: info, atLeast: info.storedSize, every: 1) { frame in
                #expect(frame.raster.size == info.storedSize)
            }
        } catch let error as CodecError {
            throw error
        } catch {
            Issue.record(error)
        }
    }

    @Test(arguments: (SampleFiles.whole + SampleFiles.videos).map(\.name)) func aFileCutAnywhereIsRefusedOrShown(_ name: String) throws {
        let bytes = try SampleFiles.bytes(name)
        for step in 0..<24 { _ = try tryToDecode(Array(bytes.prefix(bytes.count * step / 24))) }
        for count in 0..<64 { #expect(try tryToDecode(Array(bytes.prefix(count))) != nil, "\(name) \(count)") }
    }

    @Test(arguments: (SampleFiles.whole + SampleFiles.videos).map(\.name)) func aFileWithWrongBytesIsRefusedOrShown(_ name: String) throws {
        let bytes = try SampleFiles.bytes(name)
        var random = Sequence(state: UInt64(bytes.count))
        for round in 0..<40 {
            var damaged = bytes
            // Half of the rounds aim at the header, where lengths and sizes are.
            let reach = round.isMultiple(of: 2) ? min(600, bytes.count) : bytes.count
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                damaged[Int.random(in: 0..<reach, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try tryToDecode(damaged)
        }
    }

    @Test func nothingInAFormatsClothesIsRefused() throws {
        for start in [[0xFF, 0xD8, 0xFF, 0xE0], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], Array("GIF89a".utf8)] as [[UInt8]] {
            for filler: UInt8 in [0, 255, 0x2C] { #expect(try tryToDecode(start + [UInt8](repeating: filler, count: 5_000)) != nil) }
        }
        for start in [
            Array("\0\0\0\u{14}ftypisom".utf8), Array("RIFF\0\u{10}\0\0AVI LIST".utf8), [0x1A, 0x45, 0xDF, 0xA3] + Array("webm".utf8),
        ]
            as [[UInt8]]
        {
            for filler: UInt8 in [0, 255, 0x47] { #expect(try tryToDecode(start + [UInt8](repeating: filler, count: 5_000)) != nil) }
        }
        #expect(try tryToDecode([UInt8](repeating: 0x47, count: 20_000)) != nil)
        #expect(try tryToDecode(Array("RIFF\u{10}\0\0\0WEBPVP8 ".utf8)) != nil)
        #expect(try tryToDecode([0, 0, 0, 24] + Array("ftypheic\0\0\0\0mif1heic".utf8)) != nil)
        #expect(try tryToDecode([0, 0, 0, 24] + Array("ftypavif\0\0\0\0mif1avif\0\0\0\u{8}meta".utf8)) != nil)
    }
}

extension PixelSize {
    fileprivate func clamped(to size: PixelSize) -> PixelSize {
        PixelSize(width: min(width, size.width), height: min(height, size.height))
    }
}
