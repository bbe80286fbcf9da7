extension Plane {
    /// The part `rect` of this plane brought to `size` by a separable filter in fixed point: weights of 14 bits, six bits
    /// of fraction kept between the passes, one rounding at the end. Samples beyond the plane's edges are left out and
    /// the rest weighted up.
    ///
    /// - Parameters:
    ///   - rect: in this plane's samples; may be fractional and may reach beyond the edges.
    ///   - averaged: this plane's samples are the means of so many by so many finer ones (a decoder reduced the picture while
    ///     it decoded); the sharpness that took away is given back. 1 where they are not.
    ///   - size: of the result, whose stride is the width rounded up to a multiple of 16.
    public func resampled(_ rect: PixelRect, to size: PixelSize, filter: ResamplingFilter = .lanczos3, averaged: Double = 1) -> Plane {
        Self.resampled([self], rect, to: size, filter: filter, averaged: averaged)[0]
    }

    /// The same for planes of one size, whose weights are made once.
    static func resampled(_ planes: [Plane], _ rect: PixelRect, to size: PixelSize, filter: ResamplingFilter, averaged: Double) -> [Plane] {
        guard let source = planes.first?.size, size != source || rect != PixelRect(of: size) else { return planes }
        let columns = AxisWeights(
            start: rect.x, length: rect.width, sourceCount: source.width, targetCount: size.width, filter: filter, averaged: averaged)
        let rows = AxisWeights(
            start: rect.y, length: rect.height, sourceCount: source.height, targetCount: size.height, filter: filter, averaged: averaged)
        return planes.map { $0.resampled(columns: columns, rows: rows, to: size) }
    }

    private func resampled(columns: AxisWeights, rows: AxisWeights, to size: PixelSize) -> Plane {
        let stride = Self.paddedStride(size.width)
        let samples = [UInt8](unsafeUninitializedCapacity: stride * size.height) { target, count in
            self.samples.withUnsafeBufferPointer { source in
                Self.filter(
                    source.baseAddress!, width: width, height: height, stride: self.stride, columns: columns, rows: rows,
                    to: target.baseAddress!, targetStride: stride, targetSize: size)
            }
            count = stride * size.height
        }
        return Plane(width: size.width, height: size.height, stride: stride, samples: samples)
    }

    /// Rows of whole vectors.
    static func paddedStride(_ width: Int) -> Int { (width + 15) & ~15 }

    /// Columns first, each source row once, into a ring of as many rows as the vertical filter sees at a time.
    private static func filter(
        _ source: UnsafePointer<UInt8>, width: Int, height: Int, stride: Int, columns: AxisWeights, rows: AxisWeights,
        to target: UnsafeMutablePointer<UInt8>, targetStride: Int, targetSize: PixelSize
    ) {
        let ringRows = rows.taps
        let ring = UnsafeMutablePointer<Int16>.allocate(capacity: ringRows * targetStride)
        ring.initialize(repeating: 0, count: ringRows * targetStride)
        defer { ring.deallocate() }
        let window = UnsafeMutablePointer<UnsafePointer<Int16>>.allocate(capacity: ringRows)
        window.initialize(repeating: UnsafePointer(ring), count: ringRows)
        defer { window.deallocate() }
        // A row shorter than the filter is copied to where the spare taps may read.
        let short = columns.sourceExtent > width
        let padded = UnsafeMutablePointer<UInt8>.allocate(capacity: columns.sourceExtent)
        padded.initialize(repeating: 0, count: columns.sourceExtent)
        defer { padded.deallocate() }

        columns.starts.withUnsafeBufferPointer { starts in
            columns.weights.withUnsafeBufferPointer { columnWeights in
                rows.weights.withUnsafeBufferPointer { rowWeights in
                    var ready = 0
                    for y in 0..<targetSize.height {
                        let first = Int(rows.starts[y])
                        let end = min(height, first + ringRows)
                        // Rows that no window sees are never filtered.
                        ready = max(ready, first)
                        while ready < end {
                            var row = source + ready * stride
                            if short {
                                padded.update(from: row, count: width)
                                row = UnsafePointer(padded)
                            }
                            ResamplingKernels.horizontal(
                                row, to: ring + ready % ringRows * targetStride, count: targetSize.width,
                                starts: starts.baseAddress!, weights: columnWeights.baseAddress!, taps: columns.taps)
                            ready += 1
                        }
                        // Taps beyond the last row have no weight; any row may stand for them.
                        for tap in 0..<ringRows { window[tap] = UnsafePointer(ring + (first + tap) % ringRows * targetStride) }
                        ResamplingKernels.vertical(
                            window, weights: rowWeights.baseAddress! + y * rows.taps, taps: rows.taps, to: target + y * targetStride,
                            count: targetSize.width)
                    }
                }
            }
        }
    }
}
