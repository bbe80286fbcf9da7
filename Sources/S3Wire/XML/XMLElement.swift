/// An element of an XML document, as far as S3 uses XML: names without namespaces, text, children, attributes.
public struct XMLElement: Sendable, Hashable {
    /// Without prefix.
    public var name: String
    /// Read: by name without prefix, declarations of namespaces left out (`xsi:type` is `type`). Written: as they stand here.
    public var attributes: [String: String]
    /// Character data of this element, entities resolved.
    public var text: String
    public var children: [XMLElement]

    public init(_ name: String, text: String = "", attributes: [String: String] = [:], children: [XMLElement] = []) {
        self.name = name
        self.text = text
        self.attributes = attributes
        self.children = children
    }

    /// The first child of that name.
    public subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The children of that name.
    public func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
}
