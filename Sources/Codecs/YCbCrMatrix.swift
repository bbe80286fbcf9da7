import Imaging

/// Brings YCbCr of another matrix (BT.709, BT.2020) to the raster's BT.601, full range, without leaving YCbCr: luma takes
/// a little of chroma, and chroma is mixed anew, each at its own resolution.
struct YCbCrMatrix {
    /// Added to luma for each unit of chroma, and the new chroma's shares, in 1/65,536.
    private let lumaOfBlue: Int32
    private let lumaOfRed: Int32
    private let blueOfBlue: Int32
    private let blueOfRed: Int32
    private let redOfBlue: Int32
    private let redOfRed: Int32

    /// From the shares of red and blue in luma; nil where they are BT.601's already.
    init?(red kr: Double, blue kb: Double) {
        let (red, green, blue) = (0.299, 0.587, 0.114)
        if kr == red && kb == blue { return nil }
        // In the source's terms: R = Y + r·Cr, B = Y + b·Cb, G = Y − (kr·r·Cr + kb·b·Cb) / kg.
        let (r, b, kg) = (2 * (1 - kr), 2 * (1 - kb), 1 - kr - kb)
        let yOfRed = red * r - green * kr * r / kg
        let yOfBlue = blue * b - green * kb * b / kg
        func fixed(_ value: Double) -> Int32 { Int32((value * 65_536).rounded()) }
        lumaOfRed = fixed(yOfRed)
        lumaOfBlue = fixed(yOfBlue)
        // Cb = (B − Y) / 1.772, Cr = (R − Y) / 1.402 in BT.601's terms.
        blueOfBlue = fixed((b - yOfBlue) / 1.772)
        blueOfRed = fixed(-yOfRed / 1.772)
        redOfRed = fixed((r - yOfRed) / 1.402)
        redOfBlue = fixed(-yOfBlue / 1.402)
    }

    /// - Parameter planes: Y, Cb and Cr, full range, 8 bits; Cb and Cr of one size, each side Y's or its half rounded up.
    func convert(_ planes: inout [Plane]) {
        let (width, height, stride) = (planes[0].width, planes[0].height, planes[0].stride)
        let (chromaWidth, chromaHeight) = (planes[1].width, planes[1].height)
        let columnShift = chromaWidth < width ? 1 : 0
        let rowShift = chromaHeight < height ? 1 : 0
        var luma = planes[0].samples
        var (blue, red) = (planes[1], planes[2])
        luma.withUnsafeMutableBufferPointer { luma in
            for y in 0..<height {
                let chromaRow = min(y >> rowShift, chromaHeight - 1)
                for x in 0..<width {
                    let column = min(x >> columnShift, chromaWidth &- 1)
                    let cb = Int32(blue.samples[chromaRow &* blue.stride &+ column]) &- 128
                    let cr = Int32(red.samples[chromaRow &* red.stride &+ column]) &- 128
                    let added = (lumaOfBlue &* cb &+ lumaOfRed &* cr &+ 32_768) >> 16
                    luma[y &* stride &+ x] = Self.clamp(Int32(luma[y &* stride &+ x]) &+ added)
                }
            }
        }
        for index in blue.samples.indices {
            let (cb, cr) = (Int32(blue.samples[index]) &- 128, Int32(red.samples[index]) &- 128)
            blue.samples[index] = Self.clamp((blueOfBlue &* cb &+ blueOfRed &* cr &+ 32_768) >> 16 &+ 128)
            red.samples[index] = Self.clamp((redOfRed &* cr &+ redOfBlue &* cb &+ 32_768) >> 16 &+ 128)
        }
        planes = [Plane(width: width, height: height, stride: stride, samples: luma), blue, red]
    }

    @inline(__always)
    private static func clamp(_ value: Int32) -> UInt8 { UInt8(truncatingIfNeeded: min(max(value, 0), 255)) }
}
