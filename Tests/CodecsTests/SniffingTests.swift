import Codecs
import Testing

@Suite struct SniffingTests {
    private func format(_ bytes: [UInt8]) -> ImageFormat? { bytes.withUnsafeBytes { ImageFormat(sniffing: $0) } }

    /// The first box of an ISO base media file.
    private func brands(_ major: String, _ compatible: String...) -> [UInt8] {
        let body = Array(major.utf8) + [0, 0, 0, 0] + compatible.flatMap { Array($0.utf8) }
        return [0, 0, 0, UInt8(8 + body.count)] + Array("ftyp".utf8) + body
    }

    @Test func everySampleIsToldByItsBytes() throws {
        for sample in SampleFiles.whole { #expect(try format(SampleFiles.bytes(sample.name)) == sample.format, "\(sample.name)") }
    }

    @Test(arguments: ["heic", "heix", "heim", "heis", "hevc", "hevx"]) func hevcBrandsAreHEIC(_ brand: String) {
        #expect(format(brands(brand, "mif1")) == .heic)
    }

    @Test func av1BrandsAreAVIF() {
        #expect(format(brands("avif", "mif1")) == .avif)
        #expect(format(brands("avis", "msf1")) == .avif)
    }

    @Test func theGeneralBrandIsToldByTheCompatibleOnes() {
        #expect(format(brands("mif1", "heic", "miaf")) == .heic)
        #expect(format(brands("mif1", "avif", "miaf")) == .avif)
        #expect(format(brands("msf1", "hevc")) == .heic)
    }

    @Test(arguments: ["isom", "mp41", "mp42", "avc1", "qt  ", "M4V ", "3gp5"])
    func aVideoIsNoImageWhateverItIsCompatibleWith(_ brand: String) {
        #expect(format(brands(brand, "isom", "mp42"))?.isVideo == true)
        #expect(format(brands(brand, "mif1", "heic"))?.isVideo == true)
    }

    @Test func otherFilesAreUnknown() throws {
        // Canon's raw photos, which say that they are MP4 as well.
        #expect(format(brands("crx ", "isom", "mp42")) == nil)
        #expect(format([]) == nil)
        #expect(format([0xFF, 0xD8]) == nil)
        #expect(format(Array("RIFF\0\0\0\0WAVEfmt ".utf8)) == nil)
        #expect(format(Array("GIF88a".utf8)) == nil)
        #expect(format(Array("%PDF-1.7".utf8)) == nil)
        #expect(format(Array("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".utf8)) == nil)
        #expect(try format(SampleFiles.bytes("not-an-image.jpg")) == nil)
    }

    @Test func aStartThatIsCutShortNeverReadsBeyondIt() throws {
        for sample in SampleFiles.whole {
            let bytes = try SampleFiles.bytes(sample.name)
            for count in 0..<40 {
                let told = format(Array(bytes.prefix(count)))
                #expect(told == nil || told == sample.format || sample.format == .avif, "\(sample.name) \(count)")
            }
        }
    }
}
