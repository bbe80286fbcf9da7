import Events
import Foundation
import Persistence
import Schemas

/// What a service that is not the media service knows of media items, in a table of its own database, fed by `media.events`. The item
/// of an id that is not known (yet) may come: a thing that refers to it shows it as soon as it does.
public enum MediaProjection {
    public static let topic = "media.events"

    /// Events that are about items' state.
    public static let types = ["media.created", "media.ready", "media.failed", "media.updated", "media.deleted"]

    public static let migration = Migration(
        "0001-media-projection",
        """
        CREATE TABLE media_items (
            id TEXT PRIMARY KEY, owner TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL, visibility TEXT NOT NULL,
            is_deleted BIGINT NOT NULL, record TEXT NOT NULL);
        CREATE INDEX media_items_owner ON media_items (owner);
        """)

    /// What an event did to an item.
    public struct Change: Sendable {
        /// Nil where the item was not known.
        public let before: MediaItem?
        public let after: MediaItem

        /// Whether those who refer to the item show it no longer.
        public var vanishes: Bool { before?.isShown == true && !after.isShown }
    }

    /// Takes an event of the topic in.
    /// - Returns: nil where it is about no item's state.
    public static func apply(_ event: CloudEvent, on connection: any SQLConnection) throws -> Change? {
        guard types.contains(event.type) else { return nil }
        let before = try find([event.subject], on: connection)[event.subject]
        let record = try JSONValue(parsing: Data(event.data.utf8))
        let isDeleted = event.type == "media.deleted"
        // A deletion may tell no more than which item it is.
        let after = MediaItem(
            id: event.subject, owner: record["owner"]?.string ?? before?.owner ?? "",
            kind: record["kind"]?.string ?? before?.kind ?? "image",
            status: record["status"]?.string ?? before?.status ?? "processing",
            visibility: record["visibility"]?.string ?? before?.visibility ?? "private", isDeleted: isDeleted || before?.isDeleted == true,
            record: isDeleted ? .object([:]) : record)
        try connection.execute(
            """
            INSERT INTO media_items (id, owner, kind, status, visibility, is_deleted, record) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, kind = excluded.kind, status = excluded.status,
                visibility = excluded.visibility, is_deleted = excluded.is_deleted, record = excluded.record
            """,
            [
                SQLValue(after.id), SQLValue(after.owner), SQLValue(after.kind), SQLValue(after.status), SQLValue(after.visibility),
                SQLValue(after.isDeleted), SQLValue(after.record.json),
            ])
        return Change(before: before, after: after)
    }

    /// The items of the ids that are known, deleted ones among them.
    public static func find(_ ids: some Collection<String>, on connection: any SQLConnection) throws -> [String: MediaItem] {
        var found: [String: MediaItem] = [:]
        try connection.forEachChunk(of: ids) { places, values in
            let rows = try connection.query(
                "SELECT id, owner, kind, status, visibility, is_deleted, record FROM media_items WHERE id IN (\(places))", values)
            for row in rows {
                let item = try MediaItem(row)
                found[item.id] = item
            }
        }
        return found
    }

    /// What is wrong with items that a user's thing is to refer to; ids that are not known are let through, since their event may be
    /// on its way.
    /// - Returns: a message for each id that cannot be referred to.
    public static func problems(with ids: [String], of owner: String, on connection: any SQLConnection) throws -> [String] {
        let known = try find(ids, on: connection)
        return ids.compactMap { id in
            guard let item = known[id] else { return nil }
            // Another's item is as good as none: whether it is there is not told.
            if item.isDeleted || item.owner != owner { return "Invalid pk \"\(id)\" - object does not exist." }
            if item.visibility != "public" { return "The media item \"\(id)\" is private." }
            if item.status == "failed" { return "The media item \"\(id)\" could not be read." }
            return nil
        }
    }
}

/// A media item as another service knows it.
public struct MediaItem: Sendable, Hashable {
    public let id: String
    public let owner: String
    /// `image` or `video`.
    public let kind: String
    /// `processing`, `ready` or `failed`.
    public let status: String
    public let visibility: String
    public let isDeleted: Bool
    /// As the event told it; links begin with `/`.
    public let record: JSONValue

    /// Whether things that refer to it show it to others.
    public var isShown: Bool { !isDeleted && visibility == "public" && status != "failed" }

    fileprivate init(id: String, owner: String, kind: String, status: String, visibility: String, isDeleted: Bool, record: JSONValue) {
        self.id = id
        self.owner = owner
        self.kind = kind
        self.status = status
        self.visibility = visibility
        self.isDeleted = isDeleted
        self.record = record
    }

    fileprivate init(_ row: SQLRow) throws {
        self.init(
            id: try row.text("id"), owner: try row.text("owner"), kind: try row.text("kind"), status: try row.text("status"),
            visibility: try row.text("visibility"), isDeleted: try row.bool("is_deleted"),
            record: try JSONValue(parsing: Data(try row.text("record").utf8)))
    }

    /// What of the record an answer shows.
    private static let shown = [
        "kind", "status", "alt", "width", "height", "placeholder", "color", "duration", "content_type", "url", "renditions", "playback",
    ]

    /// The item in an answer.
    /// - Parameter base: what links begin with: scheme, host and port of the media service.
    public func json(base: String) -> JSONValue {
        var members = record.members.filter { Self.shown.contains($0.key) }
        members["id"] = .string(id)
        return Self.linked(.object(members), base)
    }

    private static func linked(_ value: JSONValue, _ base: String) -> JSONValue {
        switch value {
        case .object(let members):
            .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { name, member in
                        if name == "url" || name.hasSuffix("_url"), let path = member.string, path.hasPrefix("/") {
                            return (name, .string(base + path))
                        }
                        return (name, linked(member, base))
                    }))
        case .array(let elements): .array(elements.map { linked($0, base) })
        default: value
        }
    }

    /// What stands for an id whose event has not come yet.
    public static func expected(_ id: String) -> JSONValue {
        ["id": .string(id), "kind": .null, "status": "processing", "placeholder": .null, "color": .null, "renditions": []]
    }

    /// The form of both.
    public static let schema = JSONSchema.object(
        .required("id", .uuid), .required("kind", .choice(["image", "video"]).nullable.described("Null until it is known")),
        .required("status", .choice(["processing", "ready", "failed"])), .optional("alt", .string()),
        .optional("content_type", .string()), .optional("width", .integer()), .optional("height", .integer()),
        .optional("duration", .number().nullable), .required("placeholder", .string().nullable.described("ThumbHash in base64")),
        .required("color", .string().nullable.described("#rrggbb")), .optional("url", .string().described("The original")),
        .required(
            "renditions",
            .array(
                .object(
                    .required("name", .string()), .required("width", .integer()), .required("height", .integer()),
                    .required("format", .string()), .required("url", .string())))),
        .optional("playback", .any)
    ).named("MediaReference")
}
