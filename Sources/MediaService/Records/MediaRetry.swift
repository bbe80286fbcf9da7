import Hummingbird
import Persistence
import WebAPI

extension MediaCore {
    /// Begins the work anew that has failed: all of an item that failed, or the video for browsers alone.
    /// - Throws: `APIError` 409 where nothing has failed.
    func beginAnew(_ id: MediaID, on connection: any SQLConnection) throws -> MediaRecord {
        guard var record = try MediaTable.find(id, on: connection) else { throw APIError.notFound }
        let now = Self.now()
        let hasFailed = record.status == .failed
        guard hasFailed || record.playback?.status == .failed else {
            throw APIError(.conflict, code: "not_failed", detail: "Nothing of this item has failed.")
        }
        record.updated = now
        if hasFailed {
            record.status = .processing
            record.failure = nil
            guard try MediaTable.updateOutcome(record, on: connection) else { throw APIError.notFound }
        }
        if record.playback != nil {
            record.playback = Playback()
            _ = try Playback.update(Playback(), of: id, now: now, on: connection)
        }
        // What follows the pictures is put into its queue when they are there.
        try RenderQueue.enqueue(id, hasFailed ? .pictures : .videos, now: now, on: connection)
        let made = try MediaTable.renditions(of: [id], on: connection)[id] ?? []
        try emit("media.updated", record, made: made, on: connection)
        return record
    }
}

extension MediaRoutes {
    /// `POST /api/media/{id}/retry/`: the owner's, and staff's, who see what a kill or a full disk left behind.
    func retry(_ call: Call) async throws -> Response {
        let principal = try call.user()
        guard let id = MediaID(try call.path("id")), let known = try await core.find(id) else { throw APIError.notFound }
        if known.owner != principal.subject, !principal.isStaff {
            throw known.visibility == .public ? APIError.permissionDenied : APIError.notFound
        }
        // Also where it failed: whether it was begun is not always known then.
        defer { core.deliveryCache.drop(id) }
        let record = try await core.database.write { [core] in try core.beginAnew(id, on: $0) }
        core.wakeRelay()
        await core.workSignal.wake()
        await core.videoSignal.wake()
        return Response.json(.accepted, try await core.json([record], links: core.links(for: call.request))[0])
    }
}
