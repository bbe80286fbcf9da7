import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/profiles/specialties/`: everybody reads the tree, staff add to it.
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

    /// Specialties above one another.
    private static let depth = 8

    var routes: [Route] {
        [
            Route(
                .get, "/api/profiles/specialties/", "The tree of specialties",
                Endpoint("specialties", access: .anyone, scope: ProfilesCore.read, answers: [.ok(.array(Self.schema))])
            ) { call in
                let all = try await core.database.read { try SpecialtyTable.all(on: $0) }
                let json = JSONValue.array(all.filter { $0.parent == nil }.map { $0.json(in: all) }).json
                return call.answer(json, tag: ProfileTag.text(all.count, json))
            },
            Route(
                .post, "/api/profiles/specialties/", "Add a specialty",
                Endpoint(
                    "specialties", access: .staff, scope: ProfilesCore.write, body: .json(Self.draft), answers: [.created(Self.schema)])
            ) { try await add($0) },
        ]
    }

    private func add(_ call: Call) async throws -> Response {
        let body = call.body
        let slug = body["slug"]?.string ?? ""
        guard slug.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil else {
            throw APIError.invalid("slug", "Enter a valid \"slug\" consisting of lower case letters, numbers and hyphens.")
        }
        let json = try await core.write { connection in
            let all = try SpecialtyTable.all(on: connection)
            let parent = body["parent"]?.string
            let above = sequence(first: parent) { slug in all.first { $0.slug == slug }?.parent }
            if let parent, !all.contains(where: { $0.slug == parent }) {
                throw APIError.invalid("parent", "Invalid pk \"\(parent)\" - object does not exist.")
            }
            guard above.prefix(while: { $0 != nil }).prefix(Self.depth).count < Self.depth else {
                throw APIError.invalid("parent", "Specialties may not be nested deeper.")
            }
            let specialty = Specialty(
                slug: slug, parent: parent, english: body["name"]?["en"]?.string ?? "", spanish: body["name"]?["es"]?.string ?? "",
                position: body["position"]?.integer ?? (all.map(\.position).max() ?? 0) + 1)
            guard try SpecialtyTable.insert(specialty, on: connection) else {
                throw APIError.invalid("slug", "This field must be unique.")
            }
            return specialty.json(in: []).json
        }
        return .created(json)
    }
}
