import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/auth/sessions/`: where one is signed in.
struct SessionRoutes: Sendable {
    let core: AuthCore

    private static let path = "/api/auth/sessions/"

    private static let schema = JSONSchema.object(
        .required("id", .uuid), .required("kind", .choice(["api", "page", "oauth"])), .required("client", .string().nullable),
        .required("scopes", .array(.string()).nullable), .required("agent", .string().described("What the client said of itself")),
        .required("address", .string()), .required("created", .dateTime), .required("last_used", .dateTime),
        .required("expires", .dateTime),
        .required("current", .boolean.described("Whether this request belongs to it"))
    ).named("Session")

    var routes: [Route] {
        [
            Route(
                .get, Self.path, "One's sessions that go on, newest first",
                Endpoint("auth", parameters: Parameter.paging(), answers: [.page(of: Self.schema)])
            ) { call in try await list(call) },
            Route(.delete, Self.path, "End all one's sessions but this one", Endpoint("auth", answers: [.noContent])) { call in
                let (user, current) = (try await core.account(call), call.principal?.session)
                try await core.change { connection, endings, time in
                    try endings.endAll(of: user.id, except: current, now: time, on: connection)
                }
                return .noContent
            },
            Route(.delete, Self.path + "{id}/", "End a session", Endpoint("auth", answers: [.noContent])) { call in
                let (user, id) = (try await core.account(call), try call.id())
                try await core.change { connection, endings, time in
                    guard let session = try SessionTable.find(id, on: connection), session.userID == user.id,
                        session.isActive(now: Timestamp.milliseconds(time))
                    else { throw APIError.notFound }
                    try endings.end(session, now: time, on: connection)
                }
                return .noContent
            },
        ]
    }

    private func list(_ call: Call) async throws -> Response {
        let user = try await core.account(call)
        let page = try PageRequest(call.request)
        let now = core.now
        let (sessions, count) = try await core.database.read { connection in
            (
                try SessionTable.active(of: user.id, now: now, limit: page.pageSize, offset: page.offset, on: connection),
                try SessionTable.activeCount(of: user.id, now: now, on: connection)
            )
        }
        let texts = sessions.map { Self.json($0, current: call.principal?.session).json }
        let base = call.request.base(publicURL: core.settings.publicURL)
        return .json(.ok, try page.body(texts, count: count, request: call.request, base: base))
    }

    private static func json(_ session: Session, current: String?) -> JSONValue {
        [
            "id": .string(session.id), "kind": .string(session.kind.rawValue), "client": session.clientID.map { .string($0) } ?? .null,
            "scopes": session.scopes.map { .array($0.map { .string($0) }) } ?? .null, "agent": .string(session.agent),
            "address": .string(session.address), "created": .string(Timestamp.text(milliseconds: session.created)),
            "last_used": .string(Timestamp.text(milliseconds: session.lastUsed)),
            "expires": .string(Timestamp.text(milliseconds: session.expires)), "current": .bool(session.id == current),
        ]
    }
}
