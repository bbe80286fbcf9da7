import NIOCore
import S3Wire

/// A document of a bucket's configuration: a value, its XML as clients send and get it, and its name among the bucket's documents,
/// which hold that XML.
package protocol ConfigurationDocument: Sendable {
    static var documentName: String { get }
    static var rootName: String { get }
    /// Bytes as it comes from a client.
    static var maximumSize: Int { get }

    /// - Throws: what S3 answers to a document that it does not take.
    init(xml: XMLElement) throws(S3Error)

    /// What stands in the root.
    var children: [XMLElement] { get }
}

extension ConfigurationDocument {
    package static var maximumSize: Int { 64 << 10 }

    package var xml: ByteBuffer {
        var writer = XMLWriter(root: Self.rootName)
        for child in children { writer.append(child) }
        return writer.finish()
    }

    /// As it is stored.
    package var text: String { String(buffer: xml) }

    /// Reads a document as a client sent it.
    /// - Throws: `MalformedXML` and what the document's own rules say.
    package static func read(_ bytes: ByteBuffer) throws(S3Error) -> Self {
        let root = try XMLElement.reading(bytes)
        guard root.name == rootName else { throw .malformedXML }
        return try Self(xml: root)
    }
}

extension XMLElement {
    /// - Throws: `MalformedXML` and its like.
    static func reading(_ bytes: ByteBuffer) throws(S3Error) -> XMLElement {
        do { return try XMLElement(parsing: bytes) } catch { throw error.s3 }
    }

    init(_ name: String, _ number: Int) { self.init(name, text: String(number)) }

    init(_ name: String, _ value: Bool) { self.init(name, text: value ? "true" : "false") }

    /// The text of the child of that name, without white space around it, where there is one.
    func value(_ name: String) -> String? { self[name].map { $0.text.trimmingWhiteSpace() } }

    /// - Throws: `MalformedXML` where the child is there and no number.
    func number(_ name: String) throws(S3Error) -> Int? {
        guard let text = value(name) else { return nil }
        guard let number = Int(text) else { throw .malformedXML }
        return number
    }

    /// - Throws: `MalformedXML` where the child is there and neither `true` nor `false`.
    func flag(_ name: String) throws(S3Error) -> Bool? {
        switch value(name)?.lowercased() {
        case nil: nil
        case "true", "1": true
        case "false", "0": false
        default: throw .malformedXML
        }
    }

    /// - Throws: `MalformedXML` where a child is of none of these names.
    func allowOnly(_ names: Set<String>) throws(S3Error) {
        guard children.allSatisfy({ names.contains($0.name) }) else { throw .malformedXML }
    }
}

extension String {
    func trimmingWhiteSpace() -> String {
        guard let first = utf8.first, let last = utf8.last, first <= 0x20 || last <= 0x20 else { return self }
        var text = self[...]
        while let first = text.utf8.first, first <= 0x20 { text = text.dropFirst() }
        while let last = text.utf8.last, last <= 0x20 { text = text.dropLast() }
        return String(text)
    }
}
