/// How much a bucket may hold, all versions together, as clients sent them.
public struct UsageLimit: Sendable, Hashable {
    /// Nil: as many as there is room for.
    public let bytes: Int?
    /// Nil: any number.
    public let versions: Int?

    public init(bytes: Int?, versions: Int?) {
        self.bytes = bytes
        self.versions = versions
    }

    /// - Throws: `NoRoom` where one more version of that many bytes would be too much.
    public func check(adding size: Int, to usage: (versions: Int, bytes: Int)) throws(NoRoom) {
        if let bytes, usage.bytes + size > bytes { throw NoRoom() }
        if let versions, usage.versions + 1 > versions { throw NoRoom() }
    }
}
