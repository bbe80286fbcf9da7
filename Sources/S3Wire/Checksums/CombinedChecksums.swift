import Crypto

/// Checksums of objects that came in parts.
extension ChecksumAlgorithm {
    /// The checksum of all parts together, told from those of the parts (`FULL_OBJECT`).
    /// - Parameter parts: Base64 and bytes of each.
    /// - Returns: Base64; nil where this algorithm cannot, or a value is none of its values.
    public func combineFullObject(_ parts: [(value: String, size: Int)]) -> String? {
        guard let polynomial else { return nil }
        let crc = CyclicRedundancy(width: polynomial.width, polynomial: polynomial.value)
        var whole: UInt64 = 0
        for part in parts {
            guard let bytes = Base64.decode(part.value), bytes.count == byteCount, part.size >= 0 else { return nil }
            whole = crc.combine(whole, bytes.reduce(0) { $0 << 8 | UInt64($1) }, size: part.size)
        }
        return Base64.encode(CyclicRedundancy.bytes(whole, width: polynomial.width))
    }

    /// The checksum of the checksums of the parts with `-` and their number (`COMPOSITE`).
    /// - Parameter values: Base64 of each part.
    /// - Returns: nil where this algorithm has none, or a value is none of its values.
    public func composite(of values: [String]) -> String? {
        guard canBeComposite else { return nil }
        var checksummer = Checksummer(self)
        for value in values {
            guard let bytes = Base64.decode(value), bytes.count == byteCount else { return nil }
            bytes.withUnsafeBytes { checksummer.update($0) }
        }
        return "\(checksummer.finalize())-\(values.count)"
    }
}

/// Arithmetic of a reflected cyclic redundancy check: polynomials over two elements, modulo the check's.
struct CyclicRedundancy {
    let width: Int
    /// Without its highest term; the highest bit is x^0.
    let polynomial: UInt64

    /// The check of bytes and `size` more behind them, of the checks of both.
    func combine(_ first: UInt64, _ second: UInt64, size: Int) -> UInt64 {
        product(first, power(of: size)) ^ second
    }

    /// x^(8 · bytes).
    private func power(of bytes: Int) -> UInt64 {
        var result = one
        // x^8, then its square for each bit.
        var factor = one >> 8
        var bits = bytes
        while bits > 0 {
            if bits & 1 == 1 { result = product(result, factor) }
            factor = product(factor, factor)
            bits >>= 1
        }
        return result
    }

    private var one: UInt64 { 1 << UInt64(width - 1) }

    private func product(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var result: UInt64 = 0
        var shifted = b
        var bit = one
        while bit > 0 {
            if a & bit != 0 { result ^= shifted }
            shifted = shifted & 1 == 1 ? shifted >> 1 ^ polynomial : shifted >> 1
            bit >>= 1
        }
        return result
    }

    /// The highest byte first, as S3 writes checks.
    static func bytes(_ value: UInt64, width: Int) -> [UInt8] {
        stride(from: width - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
    }
}
