import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/profiles/specialties/`: what specialists are good at. Everybody reads the tree, staff change it.
struct SpecialtyRoutes: Sendable {
    let core: ProfilesCore

    private static let names = JSONSchema.object(.required("en", .string(1...80)), .required("es", .string(1...80)))
    /// Its children have the same form.
    private static let schema = JSONSchema.object(
        .required("slug", .string()), .required("parent", .string().nullable), .required("name", names), .required("position", .integer()),
        .required("children", .array(.object()))
    ).named("Specialty")
    private static let draft = JSONSchema.object(
        .required("slug", .string(1...64).described("Lower case letters, digits and hyphens")),
        .optional("parent", .string(1...64).nullable), .required("name", names), .optional("position", .integer(0...100_000))
    ).named("SpecialtyDraft")

    /// The slug stays: profiles and addresses name it.
    private static let changes = JSONSchema.object(
        .optional("parent", .string(1...64).nullable), .optional("name", names), .optional("position", .integer(0...100_000))
    ).named("SpecialtyChanges")
    private static let slug = Parameter(.path, "slug", .string(1...64), "Slug")

    /// Specialties above one another.
    private static let depth = 8

    var routes: [Route] {
        [
            Route(
                .get, "/api/profiles/specialties/", "The tree of specialties",
                Endpoint("specialties", access: .anyone, scope: ProfilesCore.read, answers: [.ok(.array(Self.schema))]).tagged
            ) { call in
                let all = try await core.database.read { try SpecialtyTable.all(on: $0) }
                let json = JSONValue.array(all.filter { $0.parent == nil }.map { $0.json(in: all) }).json
                return call.answer(json, tag: EntityTag.text(of: json))
            },
            Route(
                .post, "/api/profiles/specialties/", "Add a specialty",
                Endpoint(
                    "specialties", access: .staff, scope: ProfilesCore.write, body: .json(Self.draft), answers: [.created(Self.schema)])
            ) { try await add($0) },
            Route(
                .patch, "/api/profiles/specialties/{slug}/", "Rename or move a specialty",
                Endpoint(
                    "specialties", access: .staff, scope: ProfilesCore.write, parameters: [Self.slug], body: .json(Self.changes),
                    answers: [.ok(Self.schema)])
            ) { try await change($0) },
            Route(
                .delete, "/api/profiles/specialties/{slug}/", "Delete a specialty",
                Endpoint(
                    "specialties",
                    details: "Profiles that have it get another, by `replace_by`; specialties below it have to be moved first.",
                    access: .staff, scope: ProfilesCore.write,
                    parameters: [Self.slug, .query("replace_by", .string(1...64), "Specialty that its profiles get")],
                    answers: [.noContent, .conflict("There are profiles or specialties with it")])
            ) { try await delete($0) },
        ]
    }

    private func add(_ call: Call) async throws -> Response {
        let (body, actor) = (call.body, try call.user().subject)
        let slug = body["slug"]?.string ?? ""
        guard slug.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil else {
            throw APIError.invalid("slug", "Enter a valid \"slug\" consisting of lower case letters, numbers and hyphens.")
        }
        let json = try await core.write { [core] connection in
            let all = try SpecialtyTable.all(on: connection)
            var specialty = Specialty(
                slug: slug, parent: nil, english: "", spanish: "", position: (all.map(\.position).max() ?? 0) + 1)
            try Self.apply(body, to: &specialty, all)
            guard try SpecialtyTable.insert(specialty, on: connection) else {
                throw APIError.invalid("slug", "This field must be unique.")
            }
            try core.emit(.created, specialty, by: actor, on: connection)
            return specialty.json(in: []).json
        }
        return .created(json)
    }

    private func change(_ call: Call) async throws -> Response {
        let (slug, actor) = (try call.path("slug"), try call.user().subject)
        let json = try await core.write { [core] connection in
            let all = try SpecialtyTable.all(on: connection)
            guard var specialty = all.first(where: { $0.slug == slug }) else { throw APIError.notFound }
            let before = specialty
            try Self.apply(call.body, to: &specialty, all)
            try SpecialtyTable.update(specialty, on: connection)
            // Profiles are found by the names of their specialties and of those above them.
            if (specialty.english, specialty.spanish, specialty.parent) != (before.english, before.spanish, before.parent) {
                try SpecialtyTable.renamed(slug, on: connection)
            }
            if specialty != before { try core.emit(.updated, specialty, by: actor, on: connection) }
            return specialty.json(in: all).json
        }
        await core.upkeep.wake()
        return .json(.ok, json)
    }

    private static func apply(_ body: JSONValue, to specialty: inout Specialty, _ all: [Specialty]) throws(APIError) {
        specialty.english = body["name"]?["en"]?.string ?? specialty.english
        specialty.spanish = body["name"]?["es"]?.string ?? specialty.spanish
        specialty.position = body["position"]?.integer ?? specialty.position
        guard let parent = body["parent"] else { return }
        specialty.parent = parent.string
        guard let parent = parent.string else { return }
        guard all.contains(where: { $0.slug == parent }) else {
            throw .invalid("parent", "Invalid pk \"\(parent)\" - object does not exist.")
        }
        let above = SpecialtyTable.path(parent, in: all)
        // A tree has no circles.
        guard !above.contains(specialty.slug) else { throw .invalid("parent", "A specialty cannot be below itself.") }
        guard above.count + SpecialtyTable.height(specialty.slug, in: all) <= depth else {
            throw .invalid("parent", "Specialties may not be nested deeper.")
        }
    }

    private func delete(_ call: Call) async throws -> Response {
        let (slug, actor) = (try call.path("slug"), try call.user().subject)
        let heir = call.parameters.string("replace_by")
        if let heir {
            try await core.database.read { connection in
                let all = try SpecialtyTable.all(on: connection)
                guard all.contains(where: { $0.slug == slug }) else { throw APIError.notFound }
                guard !all.contains(where: { $0.parent == slug }) else { throw Self.inUse }
                guard heir != slug, all.contains(where: { $0.slug == heir }) else {
                    throw APIError.invalid("replace_by", "Invalid pk \"\(heir)\" - object does not exist.")
                }
            }
            while try await replace(slug, by: heir) {}
        }
        try await core.write { [core] connection in
            let all = try SpecialtyTable.all(on: connection)
            guard let specialty = all.first(where: { $0.slug == slug }) else { throw APIError.notFound }
            let isUsed = try !connection.query(
                "SELECT 1 AS one FROM profile_specialties WHERE slug = $1 LIMIT 1", [SQLValue(slug)]
            ).isEmpty
            guard !isUsed, !all.contains(where: { $0.parent == slug }) else { throw Self.inUse }
            try connection.execute("DELETE FROM specialties WHERE slug = $1", [SQLValue(slug)])
            try core.emit(.deleted, specialty, by: actor, heir: heir, on: connection)
        }
        return .noContent
    }

    private static var inUse: APIError {
        APIError(.conflict, code: "specialty_in_use", detail: "There are profiles or specialties with this specialty.")
    }

    /// Profiles that are changed in one transaction: others write in between.
    private static let batch = 100

    /// Gives some profiles another specialty in the place of one.
    /// - Returns: whether there may be more.
    private func replace(_ slug: String, by heir: String) async throws -> Bool {
        try await core.write { [core] connection in
            let profiles = try ProfileTable.list(
                """
                WHERE p.id IN (SELECT profile_id FROM profile_specialties WHERE slug = $1) ORDER BY p.id LIMIT \(Self.batch)
                """, [SQLValue(slug)], on: connection)
            for var profile in profiles {
                profile.fields.replace(specialty: slug, by: heir)
                try ProfileTable.update(&profile, on: connection)
                try core.emit(.updated, profile, on: connection)
            }
            return profiles.count == Self.batch
        }
    }
}
