/// JFIF 1.02's YCbCr: the ITU-R BT.601 matrix at full range, in 15-bit fixed point.
enum YCbCr {
    static let bits: Int32 = 15
    static let half: Int32 = 1 << (bits - 1)

    @inline(__always)
    static func luma(_ r: Int32, _ g: Int32, _ b: Int32) -> UInt8 {
        UInt8(truncatingIfNeeded: (r &* 9798 &+ g &* 19235 &+ b &* 3735 &+ half) &>> bits)
    }

    /// - Parameter extra: bits by which r, g and b are larger than 8-bit samples (2 for a sum of four).
    @inline(__always)
    static func blueDifference(_ r: Int32, _ g: Int32, _ b: Int32, extra: Int32) -> UInt8 {
        // −0.168736, −0.331264, 0.5; one below a half's rounding keeps pure blue at 255.
        let offset = (128 << (bits &+ extra)) &+ (half << extra) &- 1
        return UInt8(truncatingIfNeeded: (r &* -5529 &+ g &* -10855 &+ b &* 16384 &+ offset) &>> (bits &+ extra))
    }

    @inline(__always)
    static func redDifference(_ r: Int32, _ g: Int32, _ b: Int32, extra: Int32) -> UInt8 {
        let offset = (128 << (bits &+ extra)) &+ (half << extra) &- 1
        return UInt8(truncatingIfNeeded: (r &* 16384 &+ g &* -13720 &+ b &* -2664 &+ offset) &>> (bits &+ extra))
    }

    @inline(__always)
    static func clamp(_ value: Int32) -> UInt8 { UInt8(truncatingIfNeeded: max(0, min(255, value))) }
}
