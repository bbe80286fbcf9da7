extension Plane {
    /// A plane computed row by row from planes of one size; `body` gets the sources' rows, the row to fill and the samples in it.
    @inline(__always)
    init(
        combining sources: [Plane], _ body: (UnsafePointer<UnsafePointer<UInt8>>, UnsafeMutablePointer<UInt8>, Int) -> Void
    ) {
        let first = sources[0]
        precondition(sources.allSatisfy { $0.size == first.size })
        let stride = Self.paddedStride(first.width)
        let samples = [UInt8](unsafeUninitializedCapacity: stride * first.height) { buffer, count in
            Self.withBases(sources) { bases in
                withUnsafeTemporaryAllocation(of: UnsafePointer<UInt8>.self, capacity: sources.count) { rows in
                    for y in 0..<first.height {
                        for index in 0..<sources.count { rows.initializeElement(at: index, to: bases[index] + y * sources[index].stride) }
                        let target = buffer.baseAddress! + y * stride
                        body(UnsafePointer(rows.baseAddress!), target, first.width)
                        (target + first.width).update(repeating: 0, count: stride - first.width)
                    }
                }
            }
            count = stride * first.height
        }
        self.init(width: first.width, height: first.height, stride: stride, samples: samples)
    }

    /// The planes' first samples, all valid within `body`.
    private static func withBases(_ planes: [Plane], _ body: ([UnsafePointer<UInt8>]) -> Void) {
        func collect(_ index: Int, _ bases: [UnsafePointer<UInt8>]) {
            guard index < planes.count else { return body(bases) }
            planes[index].samples.withUnsafeBufferPointer { collect(index + 1, bases + [$0.baseAddress!]) }
        }
        collect(0, [])
    }
}
