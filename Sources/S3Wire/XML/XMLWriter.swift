import NIOCore

/// Writes an XML document as S3 answers it. Lists have thousands of elements, so its bytes are an array: appending to one is a copy and
/// little else.
public struct XMLWriter: Sendable {
    private var bytes: [UInt8] = []
    private let root: String

    /// - Parameter namespace: whether the root declares S3's namespace.
    public init(root: String, namespace: Bool = true, capacity: Int = 1024) {
        self.root = root
        bytes.reserveCapacity(capacity)
        markup("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<")
        bytes.append(contentsOf: root.utf8)
        if namespace { markup(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"") }
        markup(">")
    }

    /// An element with text, which is escaped; a character that XML 1.0 cannot carry becomes `&#xN;` as S3 has it.
    public mutating func element(_ name: String, _ text: String) {
        open(name)
        write(text)
        close(name)
    }

    public mutating func element(_ name: String, _ number: Int) {
        open(name)
        write(number)
        close(name)
    }

    public mutating func element(_ name: String, _ value: Bool) {
        open(name)
        markup(value ? "true" : "false")
        close(name)
    }

    public mutating func open(_ name: String) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: ">"))
    }

    public mutating func close(_ name: String) {
        markup("</")
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: ">"))
    }

    /// As it is: tags that always stand side by side.
    public mutating func markup(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    /// Digits of an element that is open.
    public mutating func write(_ number: Int) {
        guard number >= 0 else { return bytes.append(contentsOf: String(number).utf8) }
        let start = bytes.count
        var rest = number
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// With its attributes in order of their names, and all that it holds: text first, then children.
    public mutating func append(_ element: XMLElement) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: element.name.utf8)
        for (name, value) in element.attributes.sorted(by: { $0.key < $1.key }) {
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: name.utf8)
            markup("=\"")
            write(value)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: ">"))
        write(element.text)
        for child in element.children { append(child) }
        close(element.name)
    }

    /// Ends the root. The writer takes no more after this.
    public mutating func finish() -> ByteBuffer {
        close(root)
        return ByteBuffer(bytes: bytes)
    }

    /// Text of the element that is open, escaped.
    public mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { text in
            var start = 0
            for index in text.indices {
                guard let replacement = Self.replacement(text, index) else { continue }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
                bytes.append(contentsOf: replacement.text.utf8)
                start = index + replacement.length
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        }
    }

    /// What stands for the character that begins here, and how many bytes it has; nil where it stands for itself.
    @inline(__always)
    private static func replacement(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> (text: String, length: Int)? {
        let byte = bytes[index]
        if byte >= 0x40 {
            // U+FFFE and U+FFFF.
            guard byte == 0xEF, index + 2 < bytes.count, bytes[index + 1] == 0xBF, bytes[index + 2] >= 0xBE else { return nil }
            return (bytes[index + 2] == 0xBE ? "&#xfffe;" : "&#xffff;", 3)
        }
        switch byte {
        case UInt8(ascii: "&"): return ("&amp;", 1)
        case UInt8(ascii: "<"): return ("&lt;", 1)
        case UInt8(ascii: ">"): return ("&gt;", 1)
        case UInt8(ascii: "\""): return ("&quot;", 1)
        case 0x09, 0x0A: return nil
        case 0..<0x20: return ("&#x" + String(byte, radix: 16) + ";", 1)
        default: return nil
        }
    }
}
