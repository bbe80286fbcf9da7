import ObjectStorage
import S3Wire

/// Which objects a rule of the lifecycle is about. S3 wants several conditions within `And`; some clients write them side by side, and
/// either way all have to hold.
struct LifecycleFilter: Sendable, Hashable {
    private(set) var prefixes: [String] = []
    private(set) var tags: [ObjectTag] = []
    /// Bytes.
    private(set) var greaterThan: Int?
    private(set) var lessThan: Int?
    /// As it was written, to be given back.
    let xml: XMLElement

    init(xml: XMLElement) throws(S3Error) {
        self.xml = xml
        try xml.allowOnly(["Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And"])
        guard xml.all("And").count <= 1 else { throw .malformedXML }
        try add(xml)
        if let and = xml["And"] {
            try and.allowOnly(["Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"])
            try add(and)
        }
        guard Set(tags.map(\.key)).count == tags.count else {
            throw .invalidRequest.with(message: "Duplicate Tag Keys are not allowed.")
        }
        if let greaterThan, let lessThan, greaterThan >= lessThan {
            throw .invalidRequest.with(message: "ObjectSizeLessThan must be greater than ObjectSizeGreaterThan")
        }
    }

    private mutating func add(_ xml: XMLElement) throws(S3Error) {
        prefixes += xml.all("Prefix").map(\.text)
        for tag in xml.all("Tag") {
            guard let key = tag["Key"]?.text, let value = tag["Value"]?.text, !key.isEmpty else { throw .malformedXML }
            tags.append(ObjectTag(key: key, value: value))
        }
        if let size = try xml.number("ObjectSizeGreaterThan") { greaterThan = max(greaterThan ?? size, size) }
        if let size = try xml.number("ObjectSizeLessThan") { lessThan = min(lessThan ?? size, size) }
        guard (greaterThan ?? 0) >= 0, (lessThan ?? 1) > 0 else { throw .invalidArgument }
    }

    /// The longest: a key has to begin with it, whatever others there are.
    var prefix: String { prefixes.max { $0.utf8.count < $1.utf8.count } ?? "" }

    /// Whether it says nothing that an upload has not got.
    var concernsUploads: Bool { tags.isEmpty && greaterThan == nil && lessThan == nil }

    /// - Parameters:
    ///   - size: bytes.
    ///   - tagged: tags of the version.
    func matches(size: Int, tagged: [ObjectTag]) -> Bool {
        if let greaterThan, size <= greaterThan { return false }
        if let lessThan, size >= lessThan { return false }
        return tags.allSatisfy { tagged.contains($0) }
    }

    func matches(key: String) -> Bool { prefixes.allSatisfy { key.utf8.starts(with: $0.utf8) } }
}
