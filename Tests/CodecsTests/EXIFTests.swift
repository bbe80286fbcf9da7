import Codecs
import Imaging
import Testing

@Suite struct EXIFTests {
    private func orientation(_ bytes: [UInt8]) -> Orientation? { bytes.withUnsafeBytes { EXIF.orientation(inTIFF: $0) } }

    /// A TIFF with one directory that holds Make (as an offset) and Orientation.
    private func tiff(_ value: UInt16, littleEndian: Bool, type: UInt16 = 3, count: UInt32 = 1) -> [UInt8] {
        func number<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
            withUnsafeBytes(of: littleEndian ? value.littleEndian : value.bigEndian) { Array($0) }
        }
        let stored = [4, 9].contains(type) ? number(UInt32(value)) : number(value) + [0, 0]
        return (littleEndian ? Array("II".utf8) : Array("MM".utf8)) + number(UInt16(42)) + number(UInt32(8)) + number(UInt16(2))
            + number(UInt16(0x010F)) + number(UInt16(2)) + number(UInt32(8)) + number(UInt32(0xFFFF_FFF0))
            + number(UInt16(0x0112)) + number(type) + number(count) + stored + number(UInt32(0))
    }

    @Test(arguments: 1...8 as ClosedRange<UInt16>, [true, false])
    func everyOrientationIsReadInBothByteOrders(_ value: UInt16, _ littleEndian: Bool) {
        #expect(orientation(tiff(value, littleEndian: littleEndian)) == Orientation(rawValue: UInt8(value)))
        // LONG, SSHORT and SLONG instead of SHORT.
        for type: UInt16 in [4, 8, 9] {
            #expect(orientation(tiff(value, littleEndian: littleEndian, type: type)) == Orientation(rawValue: UInt8(value)), "\(type)")
        }
        #expect(orientation(Array("Exif\0\0".utf8) + tiff(value, littleEndian: littleEndian)) == Orientation(rawValue: UInt8(value)))
    }

    @Test func valuesThatAreNoOrientationAreIgnored() {
        for value: UInt16 in [0, 9, 255, 258, 65_535] { #expect(orientation(tiff(value, littleEndian: true)) == nil) }
        #expect(orientation(tiff(6, littleEndian: false, type: 2)) == nil)
        #expect(orientation(tiff(6, littleEndian: false, count: 2)) == nil)
    }

    @Test func offsetsBeyondTheEndAreHarmless() {
        #expect(orientation([]) == nil)
        #expect(orientation(Array("II*\0".utf8) + [0xFF, 0xFF, 0xFF, 0xFF]) == nil)
        #expect(orientation(Array("MM\0*".utf8) + [0x7F, 0xFF, 0xFF, 0xFF]) == nil)
        // A directory that claims 65,535 entries and has none.
        #expect(orientation(Array("II*\0".utf8) + [8, 0, 0, 0, 0xFF, 0xFF]) == nil)
        let whole = tiff(6, littleEndian: true)
        for count in 0..<32 { #expect(orientation(Array(whole.prefix(count))) == nil) }
    }
}
