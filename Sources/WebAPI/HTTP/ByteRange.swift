/// The answer that a Range header asks for (RFC 9110 section 14). One range is served; several are answered whole, which
/// the RFC allows and which every client copes with.
public enum ByteRange: Sendable, Equatable {
    /// No range, one that is malformed, or several: the whole content, status 200.
    case whole
    /// Status 206.
    case partial(Range<Int>)
    /// Status 416.
    case unsatisfiable

    /// - Parameters:
    ///   - header: the Range header's value, if any.
    ///   - size: bytes of the whole content.
    public init(header: String?, size: Int) {
        // The unit's name is case-insensitive (section 14.1).
        guard let header, header.prefix(6).lowercased() == "bytes=", !header.contains(",") else {
            self = .whole
            return
        }
        let spec = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let isNumber = { (text: Substring) in !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }
        guard spec.count == 2, isNumber(spec[0]) || spec[0].isEmpty, isNumber(spec[1]) || spec[1].isEmpty else {
            self = .whole
            return
        }
        // A number too large for Int is beyond any end.
        let first = spec[0].isEmpty ? nil : Int(spec[0]) ?? Int.max
        let last = spec[1].isEmpty ? nil : Int(spec[1]) ?? Int.max
        switch (first, last) {
        case (nil, nil):
            self = .whole
        case (nil, let suffix?):
            self = suffix == 0 || size == 0 ? .unsatisfiable : .partial(max(0, size - suffix)..<size)
        case (let first?, let last):
            if let last, last < first {
                self = .whole
            } else if first >= size {
                self = .unsatisfiable
            } else {
                self = .partial(first..<min(size, (last ?? size - 1) == Int.max ? size : (last ?? size - 1) + 1))
            }
        }
    }
}
