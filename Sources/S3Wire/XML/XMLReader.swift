import NIOCore

extension XMLElement {
    /// Reads a document in UTF-8 (XML 1.0, without document type declarations), whatever a client sends: in bounded memory, and with a
    /// stack that is as deep as `limits` at most. White space is kept.
    /// - Throws: `XMLError`.
    public init(parsing bytes: ByteBuffer, limits: XMLLimits = XMLLimits()) throws(XMLError) {
        guard bytes.readableBytes <= limits.size else { throw .tooLarge }
        guard bytes.readableBytesView.first != 0xFE, bytes.readableBytesView.first != 0xFF else { throw .malformed(offset: 0) }
        let result: Result<XMLElement, XMLError> = bytes.withUnsafeReadableBytes { bytes in
            guard String(validating: bytes, as: UTF8.self) != nil else { return .failure(.malformed(offset: 0)) }
            var reader = XMLReader(bytes: bytes, limits: limits)
            return Result(catching: { () throws(XMLError) in try reader.document() })
        }
        self = try result.get()
    }
}

/// A cursor over a document. Its bytes are UTF-8, which was seen before.
private struct XMLReader {
    let bytes: UnsafeRawBufferPointer
    let limits: XMLLimits
    var at = 0
    var count = 0

    init(bytes: UnsafeRawBufferPointer, limits: XMLLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    // MARK: The document

    mutating func document() throws(XMLError) -> XMLElement {
        if starts(with: "\u{FEFF}") { at += 3 }
        try skipAside()
        guard starts(with: "<") else { throw fault }
        let root = try element(depth: 1)
        try skipAside()
        guard at == bytes.count else { throw fault }
        return root
    }

    /// White space, comments and processing instructions around the root.
    private mutating func skipAside() throws(XMLError) {
        while at < bytes.count {
            skipSpace()
            if starts(with: "<?") {
                try skip(past: "?>")
            } else if starts(with: "<!--") {
                at += 4
                try skip(past: "-->")
            } else if starts(with: "<!") {
                throw .doctype
            } else {
                return
            }
        }
    }

    /// From its `<` on.
    private mutating func element(depth: Int) throws(XMLError) -> XMLElement {
        guard depth <= limits.depth else { throw .tooLarge }
        try note()
        at += 1
        let start = at
        let name = try name()
        let fullName = start..<at
        var element = XMLElement(name.local)
        while true {
            let before = at
            skipSpace()
            if starts(with: "/>") {
                at += 2
                return element
            }
            if starts(with: ">") {
                at += 1
                break
            }
            guard at > before else { throw fault }
            try attribute(of: &element)
        }
        try content(of: &element, depth: depth)
        // At `</`.
        at += 2
        guard at + fullName.count <= bytes.count, bytes[at..<at + fullName.count].elementsEqual(bytes[fullName]) else { throw fault }
        at += fullName.count
        skipSpace()
        guard starts(with: ">") else { throw fault }
        at += 1
        return element
    }

    private mutating func attribute(of element: inout XMLElement) throws(XMLError) {
        try note()
        let name = try name()
        skipSpace()
        guard starts(with: "=") else { throw fault }
        at += 1
        skipSpace()
        guard let quote = byte, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { throw fault }
        at += 1
        let value = try text { $0 == quote || $0 == UInt8(ascii: "<") }
        guard byte == quote else { throw fault }
        at += 1
        guard name.prefix != "xmlns", !(name.prefix == nil && name.local == "xmlns") else { return }
        guard element.attributes.updateValue(value, forKey: name.local) == nil else { throw fault }
    }

    /// Text and children up to the `</` of the end.
    private mutating func content(of element: inout XMLElement, depth: Int) throws(XMLError) {
        while true {
            element.text += try text { $0 == UInt8(ascii: "<") }
            if starts(with: "</") { return }
            if starts(with: "<!--") {
                at += 4
                try skip(past: "-->")
            } else if starts(with: "<![CDATA[") {
                at += 9
                let start = at
                try skip(past: "]]>")
                element.text += try characters(start..<at - 3)
            } else if starts(with: "<?") {
                try skip(past: "?>")
            } else if starts(with: "<") {
                element.children.append(try self.element(depth: depth + 1))
            } else {
                throw fault
            }
        }
    }

    // MARK: Words

    /// `prefix:local`.
    private mutating func name() throws(XMLError) -> (prefix: String?, local: String) {
        let start = at
        var colon: Int?
        while let byte, Self.isNameByte(byte) || byte == UInt8(ascii: ":") {
            if byte == UInt8(ascii: ":") {
                guard colon == nil else { throw fault }
                colon = at
            }
            at += 1
        }
        let localStart = colon.map { $0 + 1 } ?? start
        guard colon != start, localStart < at, !Self.isInnerNameByte(bytes[start]), !Self.isInnerNameByte(bytes[localStart]) else {
            throw fault
        }
        return (colon.map { string(start..<$0) }, string(localStart..<at))
    }

    /// Character data with its references resolved, up to a byte that ends it or to the end of the document.
    private mutating func text(until isEnd: (UInt8) -> Bool) throws(XMLError) -> String {
        var text = ""
        var start = at
        while let byte, !isEnd(byte) {
            guard byte == UInt8(ascii: "&") else {
                at += 1
                continue
            }
            text += try characters(start..<at)
            text.unicodeScalars.append(try reference())
            start = at
        }
        return text + (try characters(start..<at))
    }

    /// From its `&` on.
    private mutating func reference() throws(XMLError) -> Unicode.Scalar {
        let named: [(StaticString, Unicode.Scalar)] = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'")]
        for (name, scalar) in named where starts(with: name) {
            at += name.utf8CodeUnitCount
            return scalar
        }
        guard starts(with: "&#") else { throw fault }
        at += 2
        var radix: UInt32 = 10
        if byte == UInt8(ascii: "x") {
            radix = 16
            at += 1
        }
        var value: UInt32 = 0
        let start = at
        while let byte, let digit = Hexadecimal.digit(byte), digit < radix {
            value = value * radix + UInt32(digit)
            guard value <= 0x10FFFF else { throw fault }
            at += 1
        }
        // Clients write what XML 1.0 cannot carry as references, as S3 itself does; NUL stays out.
        guard at > start, byte == UInt8(ascii: ";"), value != 0, let scalar = Unicode.Scalar(value) else { throw fault }
        at += 1
        return scalar
    }

    // MARK: Bytes

    private var byte: UInt8? { at < bytes.count ? bytes[at] : nil }
    private var fault: XMLError { .malformed(offset: at) }

    private mutating func note() throws(XMLError) {
        count += 1
        guard count <= limits.count else { throw .tooLarge }
    }

    private func starts(with word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard at + length <= bytes.count else { return false }
        return word.withUTF8Buffer { $0.elementsEqual(bytes[at..<at + length]) }
    }

    private mutating func skip(past word: StaticString) throws(XMLError) {
        while at < bytes.count {
            if starts(with: word) {
                at += word.utf8CodeUnitCount
                return
            }
            at += 1
        }
        throw fault
    }

    private mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    /// Control characters are no characters of XML 1.0; ends of lines are read as line feeds (XML 1.0, 2.11).
    private func characters(_ range: Range<Int>) throws(XMLError) -> String {
        var hasReturn = false
        for index in range where bytes[index] < 0x20 {
            switch bytes[index] {
            case 0x0D: hasReturn = true
            case 0x09, 0x0A: break
            default: throw .malformed(offset: index)
            }
        }
        guard hasReturn else { return string(range) }
        var lines: [UInt8] = []
        for index in range {
            if bytes[index] != 0x0D {
                lines.append(bytes[index])
            } else if index + 1 == range.upperBound || bytes[index + 1] != 0x0A {
                lines.append(0x0A)
            }
        }
        return String(decoding: lines, as: UTF8.self)
    }

    private func string(_ range: Range<Int>) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...0xFF: true
        default: isInnerNameByte(byte)
        }
    }

    /// What a name must not begin with.
    private static func isInnerNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
