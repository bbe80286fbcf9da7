import Foundation
import Persistence

/// What of an object's attributes has no column of its own, as JSON; most objects have none of it.
struct StoredAttributes: Codable {
    private var headers: [String: String]?
    private var metadata: [String: String]?
    private var tags: [ObjectTag]?
    private var acl: String?
    /// The parts are the rows of the upload.
    private var hasParts: Bool?
    private var hasClientSize: Bool?
    private var encryption: String?
    private var retention: ObjectRetention?
    private var hasLegalHold: Bool?

    private var isEmpty: Bool {
        headers == nil && metadata == nil && tags == nil && acl == nil && hasParts == nil && hasClientSize == nil && encryption == nil
            && retention == nil && hasLegalHold == nil
    }

    /// Writes attributes to the columns of a row, whose stored bytes are known already.
    static func write(_ attributes: ObjectAttributes, to row: inout VersionRow) throws {
        row.owner = attributes.owner
        row.storageClass = attributes.storageClass
        row.checksum = attributes.checksum.map(StoredChecksum.text)
        row.size = attributes.clientSize ?? row.stored
        var rest = StoredAttributes()
        rest.headers = attributes.headers.isEmpty ? nil : attributes.headers
        rest.metadata = attributes.metadata.isEmpty ? nil : attributes.metadata
        rest.tags = attributes.tags.isEmpty ? nil : attributes.tags
        rest.acl = attributes.acl
        rest.hasParts = attributes.parts == nil ? nil : true
        rest.hasClientSize = attributes.clientSize == nil ? nil : true
        rest.encryption = attributes.encryption
        rest.retention = attributes.retention
        rest.hasLegalHold = attributes.hasLegalHold
        row.attributes = rest.isEmpty ? nil : try json(rest)
    }

    static func attributes(of row: VersionRow, parts: [PartRow]) throws -> ObjectAttributes {
        var attributes = ObjectAttributes(owner: row.owner)
        attributes.storageClass = row.storageClass
        attributes.checksum = try row.checksum.map { try StoredChecksum.read($0) }
        guard let text = row.attributes else { return attributes }
        let rest = try read(Self.self, text)
        attributes.headers = rest.headers ?? [:]
        attributes.metadata = rest.metadata ?? [:]
        attributes.tags = rest.tags ?? []
        attributes.acl = rest.acl
        attributes.parts = rest.hasParts == true ? parts.map(\.part) : nil
        attributes.clientSize = rest.hasClientSize == true ? row.size : nil
        attributes.encryption = rest.encryption
        attributes.retention = rest.retention
        attributes.hasLegalHold = rest.hasLegalHold
        return attributes
    }

    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func read<T: Decodable>(_ type: T.Type, _ text: String) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw DatabaseError.decoding("attributes are not what they should be")
        }
    }
}

/// A checksum in one column: `CRC64NVME <value>`, of a composite one `CRC32+ <value>`.
enum StoredChecksum {
    static func text(_ checksum: ObjectChecksum) -> String { checksum.algorithm + (checksum.isComposite ? "+ " : " ") + checksum.value }

    static func read(_ text: String) throws -> ObjectChecksum {
        let (algorithm, isComposite, value) = try split(text)
        return ObjectChecksum(algorithm: algorithm, value: value, isComposite: isComposite)
    }

    static func split(_ text: String) throws -> (algorithm: String, isComposite: Bool, value: String) {
        guard let space = text.utf8.firstIndex(of: UInt8(ascii: " ")) else { throw DatabaseError.decoding("checksum has no algorithm") }
        let name = text[..<space]
        let isComposite = name.utf8.last == UInt8(ascii: "+")
        return (String(isComposite ? name.dropLast() : name), isComposite, String(text[text.index(after: space)...]))
    }
}
