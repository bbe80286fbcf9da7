extension Raster {
    /// Whether the alpha plane says anything: false where there is none or it is opaque everywhere.
    public var isTranslucent: Bool {
        guard let alpha else { return false }
        return alpha.samples.withUnsafeBufferPointer { samples in
            (0..<alpha.height).contains { y in
                var all: UInt8 = 255
                let row = samples.baseAddress! + y * alpha.stride
                for x in 0..<alpha.width { all &= row[x] }
                return all != 255
            }
        }
    }

    /// The raster without its alpha plane, colours as they are.
    public func droppingAlpha() -> Raster { Raster(size: size, model: model, planes: planes) }

    /// Colours times coverage, which is what may be resampled. For `gray` and `rgb`; the model stays.
    public func premultiplied() -> Raster {
        guard let alpha else { return self }
        precondition(model == .gray || model == .rgb, "only light is premultiplied")
        let planes = self.planes.map { plane in
            Plane(combining: [plane, alpha]) { rows, target, count in
                let (color, coverage) = (rows[0], rows[1])
                for x in 0..<count { target[x] = Self.product(color[x], coverage[x]) }
            }
        }
        return Raster(size: size, model: model, planes: planes, alpha: alpha)
    }

    /// Undoes `premultiplied()`; where nothing is covered the colour is black.
    public func unpremultiplied() -> Raster {
        guard let alpha else { return self }
        let planes = self.planes.map { plane in
            Self.reciprocals.withUnsafeBufferPointer { reciprocals in
                Plane(combining: [plane, alpha]) { rows, target, count in
                    let (color, coverage) = (rows[0], rows[1])
                    for x in 0..<count {
                        let value = (UInt32(color[x]) &* reciprocals[Int(coverage[x])] &+ 32768) &>> 16
                        target[x] = UInt8(truncatingIfNeeded: min(255, value))
                    }
                }
            }
        }
        return Raster(size: size, model: model, planes: planes, alpha: alpha)
    }

    /// A premultiplied raster over an opaque background of one gray level (255 is white).
    public func flattened(premultipliedOver background: UInt8 = 255) -> Raster {
        guard let alpha else { return self }
        let planes = self.planes.map { plane in
            Plane(combining: [plane, alpha]) { rows, target, count in
                let (color, coverage) = (rows[0], rows[1])
                for x in 0..<count {
                    let shown = UInt16(color[x]) &+ UInt16(Self.product(background, 255 &- coverage[x]))
                    target[x] = UInt8(truncatingIfNeeded: min(255, shown))
                }
            }
        }
        return Raster(size: size, model: model, planes: planes)
    }

    /// a · b / 255, rounded; exact for all bytes.
    @inline(__always)
    static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
        let t = UInt16(a) &* UInt16(b) &+ 128
        return UInt8(truncatingIfNeeded: (t &+ (t &>> 8)) &>> 8)
    }

    /// 255 / alpha in 16.16 fixed point.
    private static let reciprocals: [UInt32] = [0] + (1...255).map { UInt32((255.0 / Double($0) * 65536).rounded()) }
}
