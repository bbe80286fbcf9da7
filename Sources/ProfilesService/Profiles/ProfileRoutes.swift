import Foundation
import Hummingbird
import Persistence
import Projections
import Schemas
import WebAPI

/// `/api/profiles/specialists/`, `/businessmen/` and `/consumers/`: list, create, look at, change and delete profiles of one kind, and one's
/// own at `me/`.
struct ProfileRoutes: Sendable {
    let core: ProfilesCore
    let kind: ProfileKind
    let form: ProfileForm
    private let schema: JSONSchema

    init(core: ProfilesCore, kind: ProfileKind) {
        self.core = core
        self.kind = kind
        form = ProfileForm(kind, core.settings)
        schema = ProfileView.schema(form)
    }

    private var path: String { "/api/profiles/\(kind.plural)/" }
    private var reading: Endpoint.Access { kind.isPublic ? .anyone : .user }

    var routes: [Route] {
        [
            Route(
                .get, path, "Profiles of \(kind.plural)",
                endpoint(
                    kind.isPublic ? "What is private of a profile is not looked at." : "One's own; staff see all.", access: reading,
                    scope: ProfilesCore.read,
                    parameters: Parameter.paging() + ProfileSearch.parameters(kind) + [
                        .ordering(ProfileSearch.ordering.names)
                    ], answers: [.page(of: schema)])
            ) { try await list($0) },
            Route(
                .post, path, "Create one's profile",
                endpoint(
                    "One of a kind for each user. Photos may still be processed.", access: .roles([kind.role]), body: .json(form.whole),
                    answers: [.created(schema), .conflict("The user has a profile of this kind")])
            ) { try await create($0) },
            Route(
                .get, path + "me/", "One's own profile", endpoint(scope: ProfilesCore.read, answers: [.ok(schema), Self.missing]).tagged
            ) { call in try await retrieve(call) { try ProfileTable.find(of: try call.user().subject, kind, on: $0) } },
            Route(
                .patch, path + "me/", "Change one's own profile",
                endpoint(parameters: [.ifMatch], body: .json(form.part), answers: [.ok(schema), Self.missing])
            ) { call in
                try await change(call, isWhole: false) { try ProfileTable.find(of: try call.user().subject, kind, on: $0) }
            },
            Route(
                .get, path + "{id}/", "A profile", endpoint(access: reading, scope: ProfilesCore.read, answers: [.ok(schema)]).tagged
            ) { call in try await retrieve(call) { try find(call, on: $0) } },
            Route(
                .put, path + "{id}/", "Replace what a profile says",
                endpoint(parameters: [.ifMatch], body: .json(form.whole), answers: [.ok(schema)])
            ) { call in try await change(call, isWhole: true) { try find(call, on: $0) } },
            Route(
                .patch, path + "{id}/", "Change a profile", endpoint(parameters: [.ifMatch], body: .json(form.part), answers: [.ok(schema)])
            ) { call in try await change(call, isWhole: false) { try find(call, on: $0) } },
            Route(
                .delete, path + "{id}/", "Delete a profile",
                endpoint("Its reviews are hidden until the user makes another.", parameters: [.ifMatch], answers: [.noContent])
            ) { try await delete($0) },
        ]
    }

    private static let missing = Endpoint.Answer(404, "The user has no profile of this kind", APIError.schema)

    private func endpoint(
        _ details: String = "", access: Endpoint.Access = .user, scope: String = ProfilesCore.write, parameters: [Parameter] = [],
        body: Endpoint.Body? = nil, answers: [Endpoint.Answer]
    ) -> Endpoint {
        Endpoint("profiles", details: details, access: access, scope: scope, parameters: parameters, body: body, answers: answers)
    }

    private func view(_ call: Call) -> ProfileView {
        ProfileView(viewer: Viewer(call.principal), mediaBase: core.mediaBase(call))
    }

    /// The profile of the path, where the caller may know of it.
    private func find(_ call: Call, on connection: any SQLConnection) throws -> Profile? {
        try ProfileTable.visible(try call.id(), kind, to: Viewer(call.principal), on: connection)
    }

    private func list(_ call: Call) async throws -> Response {
        let page = try PageRequest(call.request)
        let view = view(call)
        let (texts, count) = try await core.database.read { connection in
            var filter = SQLFilter()
            filter.add("p.kind = ?", SQLValue(kind.rawValue))
            ProfileSearch.addVisible(kind, to: view.viewer, &filter)
            let near = try ProfileSearch.apply(call.parameters, viewer: view.viewer, on: connection, &filter)
            // Counted before the ordering takes values in: PostgreSQL refuses those that a statement does not use.
            let count =
                try connection.query("SELECT COUNT(*) AS items FROM \(Profile.source) \(filter.clause)", filter.arguments).first?
                .int("items") ?? 0
            let (join, order) = try ProfileSearch.ordering.clauses(call, near: near, &filter)
            let profiles = try ProfileTable.list(
                "\(join) \(filter.clause) ORDER BY \(order) LIMIT \(page.pageSize) OFFSET \(page.offset)", filter.arguments,
                on: connection)
            return (try view.json(profiles, near: near, on: connection).map(\.json), count)
        }
        return .json(.ok, try page.body(texts, count: count, request: call.request, base: core.base(call)))
    }

    private func create(_ call: Call) async throws -> Response {
        let user = try call.user().subject
        let fields = try form.fields(call.body)
        let view = view(call)
        let (profile, json) = try await core.write { connection in
            try ProfilesCore.requireActive(user, on: connection)
            try checkReferences(fields, before: nil, of: user, on: connection)
            let made = Profile(kind: kind, user: user, fields: fields, now: Timestamp.now())
            guard try ProfileTable.insert(made, on: connection) else {
                throw APIError(.conflict, code: "profile_exists", detail: "You have a profile of this kind already.")
            }
            // With the rating of reviews that are there from an earlier profile.
            let profile = try ProfileTable.find(made.id, kind, on: connection) ?? made
            try core.emit(.created, profile, on: connection)
            return (profile, try view.json(profile, on: connection).json)
        }
        return .created(json, location: "\(core.base(call))\(path)\(profile.id)/", tag: EntityTag.text(profile.version, json))
    }

    private func retrieve(_ call: Call, _ find: @escaping @Sendable (any SQLConnection) throws -> Profile?) async throws -> Response {
        let view = view(call)
        let (version, json) = try await core.database.read { connection in
            guard let profile = try find(connection) else { throw APIError.notFound }
            return (profile.version, try view.json(profile, on: connection).json)
        }
        return call.answer(json, tag: EntityTag.text(version, json))
    }

    private func change(
        _ call: Call, isWhole: Bool, _ find: @escaping @Sendable (any SQLConnection) throws -> Profile?
    ) async throws -> Response {
        let view = view(call)
        let (version, json) = try await core.write { connection in
            guard var profile = try find(connection) else { throw APIError.notFound }
            guard view.viewer.seesAll(of: profile.user) else { throw APIError.permissionDenied }
            try call.requireMatch(profile.tag)
            let before = profile.fields
            profile.fields = isWhole ? try form.fields(call.body) : try form.fields(call.body, changing: before)
            try checkReferences(profile.fields, before: before, of: profile.user, on: connection)
            if profile.fields.licence != before.licence, profile.verification.state != .none {
                // What was verified was another licence.
                profile.verification = Verification()
                try LicenceAudit.append(.reset, profile, actor: view.viewer.subject ?? "", on: connection)
            }
            try ProfileTable.update(&profile, on: connection)
            try core.emit(.updated, profile, on: connection)
            return (profile.version, try view.json(profile, on: connection).json)
        }
        var response = Response.json(.ok, json)
        response.headers[.eTag] = EntityTag.text(version, json)
        return response
    }

    private func delete(_ call: Call) async throws -> Response {
        let viewer = Viewer(call.principal)
        try await core.write { connection in
            guard let profile = try find(call, on: connection) else { throw APIError.notFound }
            guard viewer.seesAll(of: profile.user) else { throw APIError.permissionDenied }
            try call.requireMatch(profile.tag)
            try ProfileTable.delete(profile.id, on: connection)
            try core.emit(.deleted, profile, on: connection)
        }
        return .noContent
    }

    /// What the profile newly refers to has to be there, and to be the owner's; an item whose event is on its way may come.
    private func checkReferences(
        _ fields: ProfileFields, before: ProfileFields?, of user: String, on connection: any SQLConnection
    ) throws {
        var problems: [String: [String]] = [:]
        for slug in try SpecialtyTable.unknown(fields.specialties, on: connection) {
            problems["specialties", default: []].append("Invalid pk \"\(slug)\" - object does not exist.")
        }
        func new(_ ids: [String]) -> [String] { ids.filter { before?.media.contains($0) != true } }
        for (name, ids) in [("photo_id", fields.photo.map { [$0] } ?? []), ("gallery_ids", fields.gallery)] {
            let messages = try MediaProjection.problems(with: new(ids), of: user, on: connection)
            if !messages.isEmpty { problems[name] = messages }
        }
        if !problems.isEmpty { throw APIError(invalid: problems) }
    }
}

extension ProfileTable {
    /// A profile that a viewer may know of.
    static func visible(_ id: String, _ kind: ProfileKind, to viewer: Viewer, on connection: any SQLConnection) throws -> Profile? {
        var filter = SQLFilter()
        filter.add("p.id = ?", SQLValue(id))
        filter.add("p.kind = ?", SQLValue(kind.rawValue))
        ProfileSearch.addVisible(kind, to: viewer, &filter)
        return try list(filter.clause, filter.arguments, on: connection).first
    }
}
