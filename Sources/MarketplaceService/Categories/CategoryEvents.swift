import Events
import Foundation
import Persistence
import Schemas

/// What happened to a category: the types of its events.
enum CategoryChange: String, Sendable, CaseIterable {
    case created = "category.created"
    case updated = "category.updated"
    case deleted = "category.deleted"
}

/// The events of the tree: who of the staff changed what, for staff alone.
enum CategoryEvents {
    private static let data = JSONSchema.object(
        .required("slug", .string(1...64)), .required("parent", .string(1...64).nullable),
        .required("name", .object(.required("en", .string(1...80)), .required("es", .string(1...80)))), .required("position", .integer()),
        .required("actor", .string(1...64).described("Id of the user")),
        .optional("replaced_by", .string(1...64).nullable.described("Of one that is deleted: where its ads went"))
    ).named("CategoryEvent")

    static let types = [
        EventType(CategoryChange.created.rawValue, topic: MarketplaceService.topic, "Staff added a category.", data: data),
        EventType(CategoryChange.updated.rawValue, topic: MarketplaceService.topic, "Staff renamed or moved a category.", data: data),
        EventType(CategoryChange.deleted.rawValue, topic: MarketplaceService.topic, "Staff deleted a category.", data: data),
    ]

    static func isOne(_ type: String) -> Bool { CategoryChange(rawValue: type) != nil }
}

extension MarketplaceCore {
    /// Tells of a category, in the transaction under way.
    /// - Parameter heir: where the ads of one that is deleted went.
    func emit(
        _ change: CategoryChange, _ category: CategoryRecord, by actor: String, heir: String? = nil, on connection: any SQLConnection
    ) throws {
        var data: [String: JSONValue] = [
            "slug": .string(category.slug), "parent": category.parent.map { .string($0) } ?? .null,
            "name": ["en": .string(category.english), "es": .string(category.spanish)], "position": .number(Decimal(category.position)),
            "actor": .string(actor),
        ]
        if change == .deleted { data["replaced_by"] = heir.map { .string($0) } ?? .null }
        try emit(change.rawValue, category.slug, .object(data), on: connection)
    }
}
