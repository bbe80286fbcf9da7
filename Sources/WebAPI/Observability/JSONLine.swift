/// A line of the log under way, as bytes: there is one for each request, so it is written without texts in between.
struct JSONLine {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(400) }

    mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// A string literal.
    mutating func string(_ text: String) {
        let start = bytes.count
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text.utf8)
        let isPlain = bytes.withUnsafeBufferPointer { bytes in
            var isPlain = true
            for byte in bytes[(start + 1)...] where byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { isPlain = false }
            return isPlain
        }
        if isPlain {
            bytes.append(UInt8(ascii: "\""))
        } else {
            bytes.removeSubrange(start...)
            raw(JSONText.string(text))
        }
    }
}
