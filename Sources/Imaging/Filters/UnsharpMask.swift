extension Raster {
    /// Sharpened by an unsharp mask: each sample goes as far again from its blurred self as it was. Of YCbCr only luma is
    /// sharpened, since colour fringes are all that sharper chroma would give.
    ///
    /// - Parameter sigma: of the blur, in pixels; 0 changes nothing. Alpha must be premultiplied, and is left as it is.
    public func sharpened(sigma: Double) -> Raster {
        guard sigma > 0 else { return self }
        var result = planes
        for index in result.indices where model != .ycbcr || index == 0 { result[index] = sharpened(result[index], sigma: sigma) }
        return Raster(size: size, model: model, planes: result, alpha: alpha)
    }

    private func sharpened(_ plane: Plane, sigma: Double) -> Plane {
        let blurred = plane.blurred(sigmaX: sigma, sigmaY: sigma)
        guard let alpha else {
            return Plane(combining: [plane, blurred]) { rows, target, count in
                for x in 0..<count { target[x] = UInt8(truncatingIfNeeded: max(0, min(255, 2 &* Int16(rows[0][x]) &- Int16(rows[1][x])))) }
            }
        }
        // A premultiplied colour cannot exceed its coverage.
        return Plane(combining: [plane, blurred, alpha]) { rows, target, count in
            for x in 0..<count {
                let value = 2 &* Int16(rows[0][x]) &- Int16(rows[1][x])
                target[x] = UInt8(truncatingIfNeeded: max(0, min(Int16(rows[2][x]), value)))
            }
        }
    }
}
