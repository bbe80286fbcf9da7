import Codecs
import Imaging
import Testing

@Suite struct HEIFTests {
    @Test func aPhonesPhotoIsTurnedAndKeepsItsProfile() throws {
        let info = try ImageDecoder.readInfo(SampleFiles.file("photo.heic"))
        #expect(info.storedSize == PixelSize(width: 600, height: 800))
        #expect(info.orientation == .right && info.displaySize == PixelSize(width: 800, height: 600))
        #expect(info.iccProfile != nil && !info.hasAlpha && info.bitDepth == 8)
    }

    /// Its rotation stands before its size among its properties.
    @Test func aTurnedPhotoInOnePieceStandsUpright() throws {
        let file = try SampleFiles.file("turned.heic")
        let info = try ImageDecoder.readInfo(file)
        #expect(info.displaySize == PixelSize(width: 200, height: 150))
        let raster = try decode(file).convertedToRGB()
        let reference = try decode(SampleFiles.file("interlaced.png"))
        #expect(raster.size == PixelSize(width: 200, height: 150))
        for (x, y) in [(5, 5), (195, 5), (5, 145), (195, 145), (100, 75)] {
            let (seen, expected) = (raster.pixel(x, y), reference.pixel(x, y))
            #expect(zip(seen, expected).allSatisfy { abs(Int($0) - Int($1)) < 24 }, "\(x), \(y): \(seen) \(expected)")
        }
        #expect(try decode(file, atLeast: PixelSize(width: 50, height: 37)).size == PixelSize(width: 50, height: 38))
    }

    /// A sequence header that says 2³² by 2³² pixels.
    @Test func aCodedSizeBeyondAllCountingIsRefused() throws {
        var bytes = try SampleFiles.bytes("photo.heic")
        let bits =
            "0000" + "000" + "0" + String(repeating: "0", count: 96) + "1" + "010"
            + String(repeating: String(repeating: "0", count: 31) + "1" + String(repeating: "1", count: 31), count: 2)
        let padded = Array(bits) + Array(repeating: "1", count: (8 - bits.count % 8) % 8)
        let parameters =
            [0x42, 0x01] + stride(from: 0, to: padded.count, by: 8).map { UInt8(String(padded[$0..<$0 + 8]), radix: 2)! } as [UInt8]
        var changed = 0
        for start in bytes.indices where bytes[start...].starts(with: Array("hvcC".utf8)) {
            var place = start + 4 + 23
            for _ in 0..<bytes[start + 4 + 22] {
                let (type, count) = (bytes[place] & 0x3F, Int(bytes[place + 1]) << 8 | Int(bytes[place + 2]))
                place += 3
                for _ in 0..<count {
                    let length = Int(bytes[place]) << 8 | Int(bytes[place + 1])
                    if type == 33, length >= parameters.count {
                        for (index, byte) in parameters.enumerated() { bytes[place + 2 + index] = byte }
                        changed += 1
                    }
                    place += 2 + length
                }
            }
        }
        try #require(changed > 0)
        #expect(throws: CodecError.self) { try ImageDecoder.readInfo(try SampleFiles.file(bytes)) }
    }

    /// One reader would take the first, another the last.
    @Test func aSecondListOfItemsIsRefused() throws {
        let bytes = try SampleFiles.bytes("photo.heic")
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("meta".utf8)) }) - 4
        let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        #expect(throws: CodecError.self) {
            try ImageDecoder.readInfo(try SampleFiles.file(bytes + Array(bytes[start..<start + length])))
        }
    }

    @Test func aTiledPhotoIsAveragedTileByTile() throws {
        let file = try SampleFiles.file("photo.heic")
        let whole = try decode(file)
        #expect(whole.size == PixelSize(width: 600, height: 800))
        let half = try decode(file, atLeast: PixelSize(width: 300, height: 400))
        #expect(half.size == PixelSize(width: 300, height: 400))
        for (x, y) in [(0, 0), (127, 127), (128, 128), (150, 300), (299, 399)] {
            for plane in 0..<3 {
                let box = [(0, 0), (1, 0), (0, 1), (1, 1)].map { Int(whole.planes[plane][2 * x + $0, 2 * y + $1]) }
                #expect(abs(Double(half.planes[plane][x, y]) - Double(box.reduce(0, +)) / 4) <= 1)
            }
        }
        #expect(try decode(file, atLeast: PixelSize(width: 16, height: 16)).size == PixelSize(width: 19, height: 25))
    }

    @Test func aPictureInOnePieceIsHonestAboutItsMemory() throws {
        let info = try ImageDecoder.readInfo(SampleFiles.file("200-megapixels.heic"))
        #expect(info.storedSize == PixelSize(width: 16_320, height: 12_240))
        let needed = ImageDecoder.workingBytes(info, atLeast: PixelSize(width: 1280, height: 960))
        #expect(needed > 1_000_000_000 && needed < 1_600_000_000)
    }

    @Test func aSmallSizeDoesNotHideAGiganticFrame() throws {
        // The coded frame stays 16,320 × 12,240; what the container says of it becomes 32 × 24.
        var bytes = try SampleFiles.bytes("200-megapixels.heic")
        let said: [UInt8] = [0x00, 0x00, 0x3F, 0xC0, 0x00, 0x00, 0x2F, 0xD0]
        let places = bytes.indices.filter { bytes[$0...].starts(with: said) }
        #expect(!places.isEmpty)
        for place in places { bytes.replaceSubrange(place..<place + 8, with: [0, 0, 0, 32, 0, 0, 0, 24]) }
        let failure = #expect(throws: CodecError.self) { try ImageDecoder.readInfo(SampleFiles.file(bytes)) }
        #expect(failure?.message.contains("another size") == true)
    }

    @Test func aSmallAVIFDoesNotHideALargeFrame() throws {
        var bytes = try SampleFiles.bytes("photo.avif")
        let said: [UInt8] = [0, 0, 0x03, 0x20, 0, 0, 0x02, 0x58]
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: said) })
        bytes.replaceSubrange(place..<place + 8, with: [0, 0, 0, 32, 0, 0, 0, 24])
        let failure = #expect(throws: CodecError.self) { try ImageDecoder.readInfo(SampleFiles.file(bytes)) }
        #expect(failure?.message.contains("another size") == true)
    }

    @Test func twoHundredMegapixelsInTilesAreDecoded() throws {
        let file = try SampleFiles.file("200-megapixels-tiled.heic")
        let info = try ImageDecoder.readInfo(file)
        #expect(info.storedSize == PixelSize(width: 16_320, height: 12_240) && info.orientation == .right)
        let minimum = PixelSize(width: 500, height: 375)
        #expect(ImageDecoder.workingBytes(info, atLeast: minimum) < 16 << 20)
        let raster = try ImageDecoder.decode(file, info: info, atLeast: minimum).convertedToRGB()
        #expect(raster.size == PixelSize(width: 510, height: 383))
        // Sky at the top of each square of 1,024 pixels, grass at its foot.
        for (square, expected) in [(0, [120, 176, 224]), (7, [120, 176, 224])] {
            let pixel = raster.pixel(square * 32 + 28, square * 32 + 2)
            #expect(zip(pixel, expected).allSatisfy { abs(Int($0) - $1) < 8 }, "\(pixel)")
        }
        let grass = raster.pixel(2, 30)
        #expect(zip(grass, [104, 154, 62]).allSatisfy { abs(Int($0) - $1) < 8 }, "\(grass)")
    }

    /// To nothing, to Exif, to a tile of the picture.
    @Test(arguments: [0x00, 0xFF, 0x0E, 0x01] as [UInt8]) func aFileWhosePrimaryItemIsNoPictureIsDamaged(_ id: UInt8) throws {
        var bytes = try SampleFiles.bytes("photo.heic")
        let box = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("pitm".utf8)) })
        #expect(Array(bytes[box + 8..<box + 10]) == [0, 0x0D])
        bytes[box + 9] = id
        let failure = #expect(throws: CodecError.self) { try ImageDecoder.readInfo(SampleFiles.file(bytes)) }
        #expect(failure?.message.contains("damaged") == true)
    }

    /// libheif's sentences end in dots and new lines of their own, and are for the log.
    @Test func reasonsArePartsOfASentence() throws {
        var bytes = try SampleFiles.bytes("photo.avif")
        let end = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
        for start in stride(from: 16, to: end, by: 4) { bytes.replaceSubrange(start..<start + 4, with: Array("none".utf8)) }
        bytes.replaceSubrange(8..<12, with: Array("avis".utf8))
        #expect { try ImageDecoder.readInfo(SampleFiles.file(bytes)) } throws: { error in
            guard case .unsupported(.avif, let reason) = error as? CodecError else { return false }
            return reason.reason == .unknownFeature && reason.libraryWords?.last?.isLetter == true
        }
    }

    @Test(arguments: ["photo.heic", "photo.avif"]) func aFileCutShortIsRefused(_ name: String) throws {
        let bytes = try SampleFiles.bytes(name)
        for part in [bytes.count / 8, bytes.count / 2, bytes.count - 100] {
            let file = try SampleFiles.file(Array(bytes.prefix(part)))
            #expect(throws: CodecError.self) {
                let info = try ImageDecoder.readInfo(file)
                try FileStructure.check(file, info: info)
            }
        }
    }
}
