import Foundation
import Hummingbird
import Persistence
import WebAPI

/// `/api/media/`: list, look at, describe, delete, sign links, and begin anew what has failed.
struct MediaRoutes: Sendable {
    let core: MediaCore

    static let orderings = ["created": "created", "updated": "updated", "size": "size", "title": "title", "filename": "filename"]

    var routes: [Route] {
        [
            Route(.get, "/api/media/", "List media", MediaEndpoints.list) { call in try await list(call) },
            Route(.get, "/api/media/{id}/", "A media record", MediaEndpoints.retrieve) { call in
                let (json, tag) = try await shown(try await visible(call), call)
                return call.answer(json, tag: tag)
            },
            Route(.patch, "/api/media/{id}/", "Change title, alt, visibility or purpose", MediaEndpoints.change) { call in
                try await patch(call)
            },
            Route(.delete, "/api/media/{id}/", "Delete a media item with its renditions", MediaEndpoints.delete) { call in
                try await delete(call)
            },
            Route(
                .post, "/api/media/{id}/sign/", "Links to a private item that work for a while",
                MediaEndpoints.sign(lifetime: Int(core.settings.signedURLLimit / .seconds(1)))
            ) { call in try await sign(call) },
            Route(.post, "/api/media/{id}/retry/", "Begin anew what has failed of an item", MediaEndpoints.retry) { call in
                try await retry(call)
            },
        ]
    }

    private func list(_ call: Call) async throws -> Response {
        let request = call.request
        let page = try PageRequest(request)
        let filter = MediaFilter(call.parameters, reader: call.principal)
        let ordering = try Ordering(request, columns: Self.orderings, fallback: "-created", tieBreaker: "id")
        let (records, count) = try await core.database.read { connection in
            let count =
                try connection.query("SELECT COUNT(*) AS items FROM media \(filter.clause)", filter.arguments).first?.int("items") ?? 0
            let rows = try connection.query(
                "SELECT \(MediaRecord.columns) FROM media \(filter.clause) ORDER BY \(ordering.clause) LIMIT \(page.pageSize) OFFSET \(page.offset)",
                filter.arguments)
            return (try rows.map(MediaRecord.init), count)
        }
        let links = core.links(for: request)
        let texts = try await core.json(records, links: links)
        return Response.json(.ok, try page.body(texts, count: count, request: request, base: core.base(of: request)))
    }

    /// Links to what is private are signed for its owner alone.
    private func shown(_ record: MediaRecord, _ call: Call) async throws -> (json: String, tag: String) {
        let isOwn = record.owner == call.principal?.subject
        let json = try await core.json([record], links: core.links(for: call.request, signsPrivate: isOwn))[0]
        return (json, EntityTag.text(of: record.described, showing: json))
    }

    private func patch(_ call: Call) async throws -> Response {
        let known = try await governed(call)
        let fields = MediaFields(call.body)
        if try known.owner != call.user().subject, fields.title != nil || fields.alt != nil || fields.purpose != nil {
            throw APIError(
                .forbidden, code: "not_owner", detail: "Of another's item staff change the visibility; what is said of it is its owner's.")
        }
        // Also where the change failed: whether it was made is not always known then.
        defer { core.deliveryCache.drop(known.id) }
        let record = try await core.database.write { connection in
            guard var record = try MediaTable.find(known.id, on: connection) else { throw APIError.notFound }
            try call.requireMatch(EntityTag.text(of: record.described))
            let before = record.visibility
            record.title = fields.title ?? record.title
            record.alt = fields.alt ?? record.alt
            record.visibility = fields.visibility ?? record.visibility
            record.purpose = fields.purpose ?? record.purpose
            record.updated = MediaCore.now()
            try MediaTable.updateDescription(record, on: connection)
            let made = try MediaTable.renditions(of: [record.id], on: connection)[record.id] ?? []
            try core.emit("media.updated", record, made: made, on: connection)
            if record.visibility != before { try core.emitPurge(record, .visibility, on: connection) }
            return record
        }
        core.wakeRelay()
        let (json, tag) = try await shown(record, call)
        return .json(.ok, json, headers: [.eTag: tag])
    }

    private func delete(_ call: Call) async throws -> Response {
        let known = try await governed(call)
        try call.requireMatch(EntityTag.text(of: known.described))
        let id = known.id
        // Also where it failed: whether it was made is not always known then.
        defer { core.deliveryCache.drop(id) }
        try await core.database.write { [core] connection in
            guard try core.delete(id, on: connection) else { throw APIError.notFound }
        }
        await core.deleted(id)
        return Response(status: .noContent)
    }

    private func sign(_ call: Call) async throws -> Response {
        let record = try await owned(call)
        let seconds = call.body["expires_in"]?.integer ?? Int(core.settings.signedURLLifetime / .seconds(1))
        let expires = Date(timeIntervalSinceNow: Double(seconds))
        let base = core.base(of: call.request)
        func signed(_ path: String) -> String { JSONText.string(base + core.signer.sign(path, expires: expires)) }
        let renditions = core.plan(record).renditions.flatMap { planned in
            planned.formats.map { format in
                JSONText.object([
                    ("name", JSONText.string(planned.preset.name)), ("format", JSONText.string(format.rawValue)),
                    ("url", signed("/media/\(record.id)/\(planned.preset.name).\(format.fileExtension)")),
                ])
            }
        }
        return Response.json(
            .ok,
            JSONText.object([
                ("url", signed("/media/\(record.id)/original")),
                ("renditions", record.status == .failed ? "[]" : "[" + renditions.joined(separator: ",") + "]"),
                ("playback", record.playback?.status == .ready ? signed("/media/\(record.id)/web.mp4") : "null"),
                ("expires", JSONText.string(Timestamp.text(expires))),
            ]))
    }

    // MARK: Access

    /// The item of the path, if the reader may see it; otherwise it is not there.
    private func visible(_ call: Call) async throws -> MediaRecord {
        guard let id = MediaID(try call.path("id")), let record = try await core.find(id),
            record.visibility == .public || record.owner == call.principal?.subject
        else { throw APIError.notFound }
        return record
    }

    /// The item of the path, if it is the user's own, or if the user is staff: somebody has to be able to take it down.
    private func governed(_ call: Call) async throws -> MediaRecord {
        guard try call.user().isStaff else { return try await owned(call) }
        guard let id = MediaID(try call.path("id")), let record = try await core.find(id) else { throw APIError.notFound }
        return record
    }

    /// The item of the path, if it is the reader's own.
    private func owned(_ call: Call) async throws -> MediaRecord {
        let principal = try call.user()
        let record = try await visible(call)
        guard record.owner == principal.subject else { throw APIError.permissionDenied }
        return record
    }
}

extension MediaRecord {
    /// What its owner can change, for entity tags.
    fileprivate var described: String { [title, alt, visibility.rawValue, purpose].joined(separator: "\0") }
}

extension MediaCore {
    /// Scheme, host and port that links in an answer begin with.
    func base(of request: Request) -> String { request.base(publicURL: settings.publicURL) }

    /// - Parameter signsPrivate: whether links to what is private work for whoever has them.
    func links(for request: Request, signsPrivate: Bool = true) -> MediaLinks {
        let expires = Date(timeIntervalSinceNow: settings.signedURLLifetime / .seconds(1))
        return MediaLinks(
            base: base(of: request), signer: signer, expires: expires, signsPrivate: signsPrivate,
            language: Translation.wanted(request.headers[.acceptLanguage]))
    }
}
