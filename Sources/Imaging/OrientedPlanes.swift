extension Raster {
    /// The picture as a viewer sees it, given how it is stored.
    public func oriented(_ orientation: Orientation) -> Raster {
        guard orientation != .up else { return self }
        return Raster(
            size: orientation.displaySize(of: size), model: model, planes: planes.map { $0.oriented(orientation) },
            alpha: alpha?.oriented(orientation))
    }
}

extension Plane {
    /// The plane turned and flipped for display.
    public func oriented(_ orientation: Orientation) -> Plane {
        let steps = orientation.steps
        guard steps.transpose || steps.flipX || steps.flipY else { return self }
        let target = orientation.displaySize(of: size)
        let stride = Self.paddedStride(target.width)
        let samples = [UInt8](unsafeUninitializedCapacity: stride * target.height) { buffer, count in
            self.samples.withUnsafeBufferPointer { source in
                let place = OrientedRows(
                    base: buffer.baseAddress!, stride: stride, size: target, flipX: steps.flipX, flipY: steps.flipY)
                if steps.transpose {
                    Self.transpose(source.baseAddress!, width: width, height: height, stride: self.stride, into: place)
                } else {
                    Self.copy(source.baseAddress!, width: width, height: height, stride: self.stride, into: place)
                }
            }
            // Padding is part of the array and must be defined.
            for y in 0..<target.height where stride > target.width {
                (buffer.baseAddress! + y * stride + target.width).update(repeating: 0, count: stride - target.width)
            }
            count = stride * target.height
        }
        return Plane(width: target.width, height: target.height, stride: stride, samples: samples)
    }

    private static func copy(_ source: UnsafePointer<UInt8>, width: Int, height: Int, stride: Int, into target: OrientedRows) {
        for y in 0..<height {
            let row = source + y * stride
            var x = 0
            while x + 8 <= width {
                target.store(UnsafeRawPointer(row + x).loadUnaligned(as: UInt64.self), x: x, y: y)
                x += 8
            }
            while x < width {
                target.store(row[x], x: x, y: y)
                x += 1
            }
        }
    }

    /// Eight by eight samples at a time, so that both sides touch whole words and few cache lines.
    private static func transpose(_ source: UnsafePointer<UInt8>, width: Int, height: Int, stride: Int, into target: OrientedRows) {
        let (wholeWidth, wholeHeight) = (width & ~7, height & ~7)
        var y = 0
        while y < wholeHeight {
            var x = 0
            while x < wholeWidth {
                let block = Block8(source + y * stride + x, stride: stride).transposed
                for column in 0..<8 { target.store(block.rows[column], x: y, y: x + column) }
                x += 8
            }
            y += 8
        }
        for y in 0..<height {
            for x in (y < wholeHeight ? wholeWidth : 0)..<width { target.store(source[y * stride + x], x: y, y: x) }
        }
    }
}

/// Writes rows of a plane whose axes may run backwards.
private struct OrientedRows {
    let base: UnsafeMutablePointer<UInt8>
    let stride: Int
    let size: PixelSize
    let flipX: Bool
    let flipY: Bool

    @inline(__always)
    func store(_ sample: UInt8, x: Int, y: Int) {
        base[(flipY ? size.height - 1 - y : y) * stride + (flipX ? size.width - 1 - x : x)] = sample
    }

    /// Eight samples of a row, the first in memory at `x`.
    @inline(__always)
    func store(_ samples: UInt64, x: Int, y: Int) {
        let row = base + (flipY ? size.height - 1 - y : y) * stride
        let start = UnsafeMutableRawPointer(row + (flipX ? size.width - 8 - x : x))
        start.storeBytes(of: flipX ? samples.byteSwapped : samples, as: UInt64.self)
    }
}

/// Eight rows of eight samples.
private struct Block8 {
    var rows: SIMD8<UInt64>

    @inline(__always)
    init(_ source: UnsafePointer<UInt8>, stride: Int) {
        rows = .zero
        for row in 0..<8 {
            rows[row] = UInt64(littleEndian: UnsafeRawPointer(source + row * stride).loadUnaligned(as: UInt64.self))
        }
    }

    /// Swaps the off-diagonal quarters at sizes 4, 2 and 1.
    @inline(__always)
    var transposed: Block8 {
        var block = self
        block.swapQuarters(distance: 4, mask: 0x0000_0000_FFFF_FFFF)
        block.swapQuarters(distance: 2, mask: 0x0000_FFFF_0000_FFFF)
        block.swapQuarters(distance: 1, mask: 0x00FF_00FF_00FF_00FF)
        return block
    }

    @inline(__always)
    private mutating func swapQuarters(distance: Int, mask: UInt64) {
        let shift = UInt64(distance * 8)
        for row in 0..<8 where row & distance == 0 {
            let difference = ((rows[row] &>> shift) ^ rows[row + distance]) & mask
            rows[row + distance] ^= difference
            rows[row] ^= difference &<< shift
        }
    }
}
