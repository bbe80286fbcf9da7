import NIOCore

/// Writes an XML document as S3 answers it, straight into a buffer.
public struct XMLWriter: Sendable {
    private var buffer: ByteBuffer
    private let root: String

    /// - Parameter namespace: whether the root declares S3's namespace.
    public init(root: String, namespace: Bool = true, capacity: Int = 1024) {
        self.root = root
        buffer = ByteBuffer()
        buffer.reserveCapacity(capacity)
        buffer.writeStaticString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<")
        buffer.writeString(root)
        if namespace { buffer.writeStaticString(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"") }
        buffer.writeStaticString(">")
    }

    /// An element with text, which is escaped; a character that XML 1.0 cannot carry becomes `&#xN;` as S3 has it.
    public mutating func element(_ name: String, _ text: String) {
        open(name)
        write(escaped: text)
        close(name)
    }

    public mutating func element(_ name: String, _ number: Int) {
        open(name)
        buffer.writeString(String(number))
        close(name)
    }

    public mutating func element(_ name: String, _ value: Bool) {
        open(name)
        if value { buffer.writeStaticString("true") } else { buffer.writeStaticString("false") }
        close(name)
    }

    public mutating func open(_ name: String) {
        buffer.writeInteger(UInt8(ascii: "<"))
        buffer.writeString(name)
        buffer.writeInteger(UInt8(ascii: ">"))
    }

    public mutating func close(_ name: String) {
        buffer.writeStaticString("</")
        buffer.writeString(name)
        buffer.writeInteger(UInt8(ascii: ">"))
    }

    /// With its attributes in order of their names, and all that it holds: text first, then children.
    public mutating func append(_ element: XMLElement) {
        buffer.writeInteger(UInt8(ascii: "<"))
        buffer.writeString(element.name)
        for (name, value) in element.attributes.sorted(by: { $0.key < $1.key }) {
            buffer.writeInteger(UInt8(ascii: " "))
            buffer.writeString(name)
            buffer.writeStaticString("=\"")
            write(escaped: value)
            buffer.writeInteger(UInt8(ascii: "\""))
        }
        buffer.writeInteger(UInt8(ascii: ">"))
        write(escaped: element.text)
        for child in element.children { append(child) }
        close(element.name)
    }

    /// Ends the root. The writer takes no more after this.
    public mutating func finish() -> ByteBuffer {
        close(root)
        return buffer
    }

    /// Text of the element that is open, escaped.
    public mutating func write(_ text: String) { write(escaped: text) }

    private mutating func write(escaped text: String) {
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            for index in bytes.indices {
                guard let replacement = Self.replacement(bytes, index) else { continue }
                buffer.writeBytes(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start..<index])))
                buffer.writeString(replacement.text)
                start = index + replacement.length
            }
            if start < bytes.count { buffer.writeBytes(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start...]))) }
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
