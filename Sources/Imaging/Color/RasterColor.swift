extension Raster {
    /// The same picture as R, G, B. Subsampled chroma is interpolated; ink is mixed naively (each channel what paper
    /// reflects through that ink and black), as is usual where no profile says better.
    public func convertedToRGB() -> Raster {
        switch model {
        case .rgb: return self
        case .gray: return Raster(size: size, model: .rgb, planes: [planes[0], planes[0], planes[0]], alpha: alpha)
        case .ycbcr: return Raster(size: size, model: .rgb, planes: rgbPlanesOfYCbCr(), alpha: alpha)
        case .cmyk:
            let inks = (0..<3).map { mixed(planes[$0], with: planes[3]) }
            return Raster(size: size, model: .rgb, planes: inks, alpha: alpha)
        }
    }

    /// The same picture as Y, Cb, Cr; gray becomes luma with neutral chroma. Halved chroma is the mean of two by two
    /// pixels, of those with alpha (straight) by their coverage.
    public func convertedToYCbCr(chroma: ChromaSampling = .halved) -> Raster {
        let chromaSize = chroma.size(for: size)
        switch model {
        case .gray:
            let neutral = Plane(width: chromaSize.width, height: chromaSize.height, filledWith: 128)
            return Raster(size: size, model: .ycbcr, planes: [planes[0], neutral, neutral], alpha: alpha)
        case .ycbcr:
            guard planes[1].size != chromaSize || planes[2].size != chromaSize else { return self }
            return resampled(Placement(source: PixelRect(of: size), target: size), chroma: chroma)
        case .rgb:
            let luma = lumaPlaneOfRGB()
            let differences = chroma == .full ? fullChromaOfRGB() : HalvedChroma(ofRGB: self).planes
            return Raster(size: size, model: .ycbcr, planes: [luma, differences.0, differences.1], alpha: alpha)
        case .cmyk:
            return convertedToRGB().convertedToYCbCr(chroma: chroma)
        }
    }

    private func mixed(_ ink: Plane, with black: Plane) -> Plane {
        Plane(combining: [ink, black]) { rows, target, count in
            for x in 0..<count {
                let product = (255 &- UInt32(rows[0][x])) &* (255 &- UInt32(rows[1][x]))
                target[x] = UInt8(truncatingIfNeeded: (product &+ 127) / 255)
            }
        }
    }

    private func rgbPlanesOfYCbCr() -> [Plane] {
        let luma = planes[0]
        let full = resampledChroma()
        let red = Plane(combining: [luma, full.1]) { rows, target, count in
            for x in 0..<count {
                let v = Int32(rows[1][x]) &- 128
                target[x] = YCbCr.clamp(Int32(rows[0][x]) &+ ((v &* 22970 &+ 8192) &>> 14))
            }
        }
        let green = Plane(combining: [luma, full.0, full.1]) { rows, target, count in
            for x in 0..<count {
                let u = Int32(rows[1][x]) &- 128
                let v = Int32(rows[2][x]) &- 128
                target[x] = YCbCr.clamp(Int32(rows[0][x]) &- ((u &* 5638 &+ v &* 11700 &+ 8192) &>> 14))
            }
        }
        let blue = Plane(combining: [luma, full.0]) { rows, target, count in
            for x in 0..<count {
                let u = Int32(rows[1][x]) &- 128
                target[x] = YCbCr.clamp(Int32(rows[0][x]) &+ ((u &* 29032 &+ 8192) &>> 14))
            }
        }
        return [red, green, blue]
    }

    private func resampledChroma() -> (Plane, Plane) {
        guard planes[1].size != size || planes[2].size != size else { return (planes[1], planes[2]) }
        let full = resampled(Placement(source: PixelRect(of: size), target: size), chroma: .full, filter: .mitchell)
        return (full.planes[1], full.planes[2])
    }

    private func lumaPlaneOfRGB() -> Plane {
        Plane(combining: planes) { rows, target, count in
            let (r, g, b) = (rows[0], rows[1], rows[2])
            for x in 0..<count { target[x] = YCbCr.luma(Int32(r[x]), Int32(g[x]), Int32(b[x])) }
        }
    }

    private func fullChromaOfRGB() -> (Plane, Plane) {
        let blue = Plane(combining: planes) { rows, target, count in
            let (r, g, b) = (rows[0], rows[1], rows[2])
            for x in 0..<count { target[x] = YCbCr.blueDifference(Int32(r[x]), Int32(g[x]), Int32(b[x]), extra: 0) }
        }
        let red = Plane(combining: planes) { rows, target, count in
            let (r, g, b) = (rows[0], rows[1], rows[2])
            for x in 0..<count { target[x] = YCbCr.redDifference(Int32(r[x]), Int32(g[x]), Int32(b[x]), extra: 0) }
        }
        return (blue, red)
    }
}
