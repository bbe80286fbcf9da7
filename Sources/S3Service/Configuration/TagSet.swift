import Foundation
import ObjectStorage
import S3Wire

/// `?tagging`: tags of a bucket or an object.
package struct TagSet: ConfigurationDocument, Hashable {
    package static let documentName = "tagging"
    package static let rootName = "Tagging"

    /// Tags of an object, at most.
    package static let objectLimit = 10
    /// Tags of a bucket, at most.
    package static let bucketLimit = 50

    package let tags: [ObjectTag]

    package init(tags: [ObjectTag]) { self.tags = tags }

    package init(xml root: XMLElement) throws(S3Error) { try self.init(xml: root, limit: Self.bucketLimit) }

    /// - Throws: `MalformedXML`, `InvalidTag`.
    init(xml root: XMLElement, limit: Int) throws(S3Error) {
        guard root.name == Self.rootName, let set = root["TagSet"], root.children.count == 1 else { throw .malformedXML }
        var tags: [ObjectTag] = []
        for tag in set.children {
            guard tag.name == "Tag", let key = tag["Key"]?.text, let value = tag["Value"]?.text else { throw .malformedXML }
            tags.append(ObjectTag(key: key, value: value))
        }
        try Self.check(tags, limit: limit)
        self.tags = tags
    }

    /// `x-amz-tagging`: tags as a query; sorted by key.
    /// - Throws: `InvalidArgument` where it is no query, `InvalidTag`.
    package init(query text: String, limit: Int = TagSet.objectLimit) throws(S3Error) {
        var tags: [ObjectTag] = []
        for pair in text.split(separator: "&", omittingEmptySubsequences: true) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = Self.decoded(parts[0]), let value = parts.count == 2 ? Self.decoded(parts[1]) : "" else {
                throw .invalidArgument.with(message: "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded.")
            }
            tags.append(ObjectTag(key: key, value: value))
        }
        try Self.check(tags, limit: limit)
        self.tags = tags.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private static func decoded(_ text: Substring) -> String? { text.replacingOccurrences(of: "+", with: " ").removingPercentEncoding }

    /// S3 User Guide, "Categorizing your storage using tags".
    private static func check(_ tags: [ObjectTag], limit: Int) throws(S3Error) {
        guard tags.count <= limit else {
            throw .invalidTag.with(
                message: limit == objectLimit ? "Object tags cannot be greater than 10" : "Tag count is greater than \(limit)")
        }
        var keys: Set<String> = []
        for tag in tags {
            guard (1...128).contains(tag.key.unicodeScalars.count), tag.key.allSatisfy(isTagCharacter) else {
                throw .invalidTag.with(message: "The TagKey you have provided is invalid").with(field: "TagKey", tag.key)
            }
            guard tag.value.unicodeScalars.count <= 256, tag.value.allSatisfy(isTagCharacter) else {
                throw .invalidTag.with(message: "The TagValue you have provided is invalid").with(field: "TagValue", tag.value)
            }
            guard !tag.key.lowercased().hasPrefix("aws:") else {
                throw .invalidTag.with(message: "System tags cannot be added/updated by requester")
            }
            guard keys.insert(tag.key).inserted else {
                throw .invalidTag.with(message: "Cannot provide multiple Tags with the same key").with(field: "TagKey", tag.key)
            }
        }
    }

    private static func isTagCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == " " || "+-=._:/@".contains(character)
            || (character.isWhitespace && !character.isNewline && character != "\t")
    }

    package var children: [XMLElement] {
        [
            XMLElement(
                "TagSet",
                children: tags.map { tag in
                    XMLElement("Tag", children: [XMLElement("Key", text: tag.key), XMLElement("Value", text: tag.value)])
                })
        ]
    }
}
