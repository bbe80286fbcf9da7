extension Raster {
    /// An RGB or gray raster (premultiplied where it has alpha) over an opaque colour: `.rgb` without alpha.
    public func flattened(over color: RGBColor) -> Raster {
        let light = convertedToRGB()
        guard let alpha else { return light }
        let planes = zip(light.planes, [color.r, color.g, color.b]).map { plane, background in
            Plane(combining: [plane, alpha]) { rows, target, count in
                for x in 0..<count {
                    let shown = UInt16(rows[0][x]) &+ UInt16(Self.product(background, 255 &- rows[1][x]))
                    target[x] = UInt8(truncatingIfNeeded: min(255, shown))
                }
            }
        }
        return Raster(size: size, model: .rgb, planes: planes)
    }

    /// The raster on a larger canvas, `.rgb`: transparent around it, or of a colour. Alpha is premultiplied.
    ///
    /// - Precondition: the raster lies within the canvas.
    public func padded(to canvas: PixelSize, x: Int, y: Int, color: RGBColor?) -> Raster {
        precondition(x >= 0 && y >= 0 && x + size.width <= canvas.width && y + size.height <= canvas.height)
        let light = convertedToRGB()
        func placed(_ plane: Plane, around value: UInt8) -> Plane {
            var result = Plane(width: canvas.width, height: canvas.height, filledWith: value)
            for row in 0..<plane.height {
                let start = row * plane.stride
                let target = (y + row) * canvas.width + x
                result.samples.replaceSubrange(target..<target + plane.width, with: plane.samples[start..<start + plane.width])
            }
            return result
        }
        let around: [UInt8] = color.map { [$0.r, $0.g, $0.b] } ?? [0, 0, 0]
        let coverage: Plane? =
            if color == nil {
                placed(alpha ?? Plane(width: size.width, height: size.height, filledWith: 255), around: 0)
            } else {
                alpha.map { placed($0, around: 255) }
            }
        return Raster(size: canvas, model: .rgb, planes: zip(light.planes, around).map { placed($0, around: $1) }, alpha: coverage)
    }

    /// Another picture laid over this one (Porter and Duff's `over`), `.rgb`; both premultiplied where they have alpha. What
    /// stands beyond this one's edges is cut off.
    ///
    /// - Parameters:
    ///   - x, y: where the other's first pixel lies.
    ///   - opacity: 0 to 1, times the other's own alpha.
    public func overlaid(with other: Raster, x: Int, y: Int, opacity: Double) -> Raster {
        let (base, top) = (convertedToRGB(), other.convertedToRGB())
        let part = UInt8((opacity * 255).rounded())
        var planes = base.planes
        var coverage = base.alpha
        for row in max(0, -y)..<max(max(0, -y), min(top.size.height, size.height - y)) {
            for column in max(0, -x)..<max(max(0, -x), min(top.size.width, size.width - x)) {
                let covered = Self.product(top.alpha?[column, row] ?? 255, part)
                for channel in 0..<3 {
                    let below = Self.product(planes[channel][x + column, y + row], 255 - covered)
                    planes[channel][x + column, y + row] = UInt8(
                        min(255, Int(Self.product(top.planes[channel][column, row], part)) + Int(below)))
                }
                if let under = coverage?[x + column, y + row] {
                    coverage![x + column, y + row] = UInt8(min(255, Int(covered) + Int(Self.product(under, 255 - covered))))
                }
            }
        }
        return Raster(size: size, model: .rgb, planes: planes, alpha: coverage)
    }
}
