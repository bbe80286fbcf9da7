import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/adds/`: list, post, look at, change, publish, pause, expire and delete ads.
struct AddRoutes: Sendable {
    let core: MarketplaceCore

    static let read = "marketplace:read"
    static let write = "marketplace:write"

    var routes: [Route] {
        [
            Route(
                .get, "/api/adds/", "Ads on sale",
                endpoint(
                    "Sellers see their own ads in every state with `state`.", access: .anyone, scope: Self.read,
                    parameters: Parameter.paging() + AddSearch.filters + [
                        Parameter.ordering(AddSearch.ordering.names),
                        .query("state", .choice(AddState.self), "Own ads in this state; others are only seen published"),
                        .query("published_after", .string(10...40), "ISO 8601, from then on"),
                    ], answers: [.page(of: AddSchemas.add)])
            ) { try await list($0) },
            Route(
                .post, "/api/adds/", "Post an ad",
                endpoint(
                    "It is in the lists at once, unless its state is draft. Photos may still be rendering.",
                    parameters: [IdempotencyKey.optionalParameter], body: .json(AddSchemas.creation),
                    answers: [.created(AddSchemas.add), .conflict("The seller has as many ads as the setting allows")]
                        + IdempotencyKey.answers)
            ) { try await create($0) },
            Route(
                .get, "/api/adds/{id}/", "An ad", endpoint(access: .anyone, scope: Self.read, answers: [.ok(AddSchemas.add)]).tagged
            ) { try await retrieve($0) },
            Route(
                .put, "/api/adds/{id}/", "Replace what an ad says",
                endpoint(parameters: [.ifMatch], body: .json(AddSchemas.draft), answers: [.ok(AddSchemas.add)])
            ) { try await change($0, isWhole: true) },
            Route(
                .patch, "/api/adds/{id}/", "Change an ad",
                endpoint(parameters: [.ifMatch], body: .json(AddSchemas.draft.partial), answers: [.ok(AddSchemas.add)])
            ) { try await change($0, isWhole: false) },
            Route(
                .delete, "/api/adds/{id}/", "Delete an ad", endpoint("Orders of it stay.", parameters: [.ifMatch], answers: [.noContent])
            ) { try await delete($0) },
            transition("publish", "Put an ad into the lists", .published),
            transition("pause", "Take an ad from the lists for a while", .paused),
            transition("expire", "End an ad", .expired),
        ]
    }

    private func endpoint(
        _ details: String = "", access: Endpoint.Access = .user, scope: String = write, parameters: [Parameter] = [],
        body: Endpoint.Body? = nil, answers: [Endpoint.Answer]
    ) -> Endpoint {
        Endpoint("adds", details: details, access: access, scope: scope, parameters: parameters, body: body, answers: answers)
    }

    private func transition(_ verb: String, _ summary: String, _ state: AddState) -> Route {
        Route(
            .post, "/api/adds/{id}/\(verb)/", summary,
            endpoint(parameters: [.ifMatch], answers: [.ok(AddSchemas.add), .conflict("Its state does not allow it")])
        ) { try await move($0, to: state) }
    }

    // MARK: Reading

    private func list(_ call: Call) async throws -> Response {
        let page = try PageRequest(call.request)
        var filter = SQLFilter()
        if let state = call.parameters.string("state"), state != AddState.published.rawValue {
            filter.add("adds.state = ?", SQLValue(state))
            // Who is nobody has no ads.
            filter.add("adds.seller = ?", SQLValue(call.principal?.subject ?? ""))
        } else {
            filter.add("adds.state = ?", SQLValue(AddState.published.rawValue))
            filter.add("(adds.expires IS NULL OR adds.expires > ?)", SQLValue(Timestamp.now()))
        }
        if let time = try call.parameters.time("published_after") { filter.add("adds.published >= ?", SQLValue(time)) }
        let near = try AddSearch.apply(call.parameters, &filter)
        let (clause, counted) = (filter.clause, filter.arguments)
        let (join, order) = try AddSearch.ordering.clauses(call, near: near, &filter)
        let arguments = filter.arguments
        let (found, count) = try await core.database.read { connection in
            let count = try connection.query("SELECT COUNT(*) AS adds FROM adds \(clause)", counted).first?.int("adds") ?? 0
            let adds = try AddTable.list(
                "\(join) \(clause) ORDER BY \(order) LIMIT \(page.pageSize) OFFSET \(page.offset)", arguments, on: connection)
            return (try AddPage(adds, reader: call.principal, on: connection), count)
        }
        let items = found.json(mediaBase: core.mediaBase(call), near: near).map(\.json)
        return .json(.ok, try page.body(items, count: count, request: call.request, base: core.base(call)))
    }

    private func retrieve(_ call: Call) async throws -> Response {
        let id = try call.id()
        let page = try await core.database.read { connection in
            guard let add = try AddTable.find(id, on: connection), add.isPublic || Self.isOwn(add, call.principal) else {
                throw APIError.notFound
            }
            return try AddPage([add], reader: call.principal, on: connection)
        }
        return call.answer(page.json(mediaBase: core.mediaBase(call))[0].json, tag: page.adds[0].tag)
    }

    // MARK: Writing

    private func create(_ call: Call) async throws -> Response {
        let seller = try call.user().subject
        let isDraft = call.body["state"]?.string == AddState.draft.rawValue
        return try await core.write { [core] connection in
            let now = Timestamp.now()
            return try IdempotencyKey.once(call, now: now, on: connection) {
                let add = try Self.make(seller, isDraft: isDraft, call.body, core, now: now, on: connection)
                let page = try AddPage([add], reader: call.principal, on: connection)
                return IdempotencyKey.Answer(
                    .created, page.json(mediaBase: core.mediaBase(call))[0].json, location: "\(core.base(call))/api/adds/\(add.id)/",
                    tag: page.adds[0].tag)
            }
        }
    }

    private static func make(
        _ seller: String, isDraft: Bool, _ body: JSONValue, _ core: MarketplaceCore, now: Int64, on connection: any SQLConnection
    ) throws -> AddRecord {
        let count = try connection.query("SELECT COUNT(*) AS adds FROM adds WHERE seller = $1 AND state <> 'expired'", [SQLValue(seller)])[
            0
        ]
        .int("adds")
        guard count < core.settings.addsPerSeller else {
            throw APIError(
                .conflict, code: "too_many_adds", detail: "You have \(count) ads, as many as the setting adds-per-seller allows.")
        }
        var add = AddRecord(
            id: UUIDv7.make(), seller: seller, title: "", description: "", category: "", condition: .used,
            currency: Currency(core.settings.currency) ?? Currency("USD")!, variants: [], media: [], location: AddLocation(),
            state: .draft,
            published: nil, expires: nil, created: now, updated: now, version: 1)
        var draft = AddDraft(body)
        try draft.apply(to: &add, on: connection)
        if !isDraft { core.publish(&add, now: now) }
        try AddTable.insert(add, on: connection)
        try AddSearch.put(add, on: connection)
        try core.emit("add.created", add.id, add.event, on: connection)
        return add
    }

    private func change(_ call: Call, isWhole: Bool) async throws -> Response {
        try await update(call) { add, connection in
            if isWhole {
                add.description = ""
                add.condition = .used
                add.media = []
                add.location = AddLocation()
            }
            var draft = AddDraft(call.body)
            try draft.apply(to: &add, on: connection)
            // What is sold out comes back with new stock, and the other way round.
            if add.state == .sold, add.stock > 0 { add.state = .published }
            if add.state == .published, add.stock == 0 { add.state = .sold }
            try AddSearch.put(add, on: connection)
        }
    }

    private func move(_ call: Call, to state: AddState) async throws -> Response {
        try await update(call) { [core] add, _ in
            guard add.state.canBecome(state) else {
                throw APIError(
                    .conflict, code: "invalid_state", detail: "An ad that is \(add.state.rawValue) cannot become \(state.rawValue).")
            }
            if state == .published {
                core.publish(&add, now: Timestamp.now())
            } else {
                add.state = state
            }
        }
    }

    private func update(
        _ call: Call, _ body: @escaping @Sendable (inout AddRecord, any SQLConnection) throws -> Void
    ) async throws -> Response {
        let id = try call.id()
        let page = try await core.write { [core] connection in
            var add = try Self.owned(id, call, on: connection)
            try call.requireMatch(add.tag)
            try body(&add, connection)
            add.updated = Timestamp.now()
            add.version += 1
            try AddTable.update(add, on: connection)
            try core.emit("add.updated", add.id, add.event, on: connection)
            return try AddPage([add], reader: call.principal, on: connection)
        }
        var response = Response.json(.ok, page.json(mediaBase: core.mediaBase(call))[0].json)
        response.headers[.eTag] = page.adds[0].tag
        return response
    }

    private func delete(_ call: Call) async throws -> Response {
        let id = try call.id()
        try await core.write { [core] connection in
            let add = try Self.owned(id, call, on: connection)
            try call.requireMatch(add.tag)
            try core.remove(add, on: connection)
        }
        return .noContent
    }

    // MARK: Access

    private static func isOwn(_ add: AddRecord, _ principal: Principal?) -> Bool {
        principal.map { $0.subject == add.seller || $0.isStaff } ?? false
    }

    private static func owned(_ id: String, _ call: Call, on connection: any SQLConnection) throws -> AddRecord {
        let user = try call.user()
        guard let add = try AddTable.find(id, on: connection), add.isPublic || isOwn(add, user) else { throw APIError.notFound }
        guard isOwn(add, user) else { throw APIError.permissionDenied }
        return add
    }
}

extension MarketplaceCore {
    /// Puts an ad into the lists.
    func publish(_ add: inout AddRecord, now: Int64) {
        add.state = add.stock > 0 ? .published : .sold
        add.published = now
        if add.expires.map({ $0 <= now }) ?? true { add.expires = now + Int64(settings.addLifetime / .milliseconds(1)) }
    }

    /// Deletes an ad and tells it.
    func remove(_ add: AddRecord, on connection: any SQLConnection) throws {
        try AddTable.delete(add.id, on: connection)
        try emit("add.deleted", add.id, ["id": .string(add.id), "seller": .string(add.seller)], on: connection)
    }
}
