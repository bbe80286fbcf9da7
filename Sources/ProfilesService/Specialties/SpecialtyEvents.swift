import Events
import Foundation
import Persistence
import Schemas
import WebAPI

/// What happened to a specialty: the types of its events.
enum SpecialtyChange: String, Sendable, CaseIterable {
    case created = "specialty.created"
    case updated = "specialty.updated"
    case deleted = "specialty.deleted"
}

/// The events of the tree: who of the staff changed what.
enum SpecialtyEvents {
    private static let data = JSONSchema.object(
        .required("slug", .string(1...64)), .required("parent", .string(1...64).nullable),
        .required("name", .object(.required("en", .string(1...80)), .required("es", .string(1...80)))), .required("position", .integer()),
        .required("actor", .string(1...64).described("Id of the user")),
        .optional("replaced_by", .string(1...64).nullable.described("Of one that is deleted: what its profiles have instead"))
    ).named("SpecialtyEvent")

    static let types = [
        EventType(SpecialtyChange.created.rawValue, topic: ProfilesService.topic, "Staff added a specialty.", data: data),
        EventType(SpecialtyChange.updated.rawValue, topic: ProfilesService.topic, "Staff renamed or moved a specialty.", data: data),
        EventType(SpecialtyChange.deleted.rawValue, topic: ProfilesService.topic, "Staff deleted a specialty.", data: data),
    ]
}

extension ProfilesCore {
    /// Tells of a specialty, in the transaction under way.
    /// - Parameter heir: what the profiles of one that is deleted have instead.
    func emit(
        _ change: SpecialtyChange, _ specialty: Specialty, by actor: String, heir: String? = nil, on connection: any SQLConnection
    ) throws {
        var data: [String: JSONValue] = [
            "slug": .string(specialty.slug), "parent": specialty.parent.map { .string($0) } ?? .null,
            "name": ["en": .string(specialty.english), "es": .string(specialty.spanish)],
            "position": .number(Decimal(specialty.position)), "actor": .string(actor),
        ]
        if change == .deleted { data["replaced_by"] = heir.map { .string($0) } ?? .null }
        try Outbox.append(
            CloudEvent(
                id: UUIDv7.make(), source: Self.source, type: change.rawValue, subject: specialty.slug, time: Date(),
                data: JSONValue.object(data).json), topic: ProfilesService.topic, on: connection)
    }
}
