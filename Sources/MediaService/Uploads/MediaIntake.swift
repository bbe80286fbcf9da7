import Codecs
import Foundation
import Hummingbird
import ObjectStorage
import Persistence
import WebAPI

/// Where every way in ends: files that are complete become records, acknowledged when they are durable.
struct MediaIntake: Sendable {
    let core: MediaCore

    /// What a way in writes in the transaction of the records: the end of a resumable upload, the use of an address.
    typealias Companion = @Sendable (any SQLConnection, [MediaRecord]) throws -> Void

    /// Makes records of files. The caller discards the files if this throws.
    /// - Throws: `APIError` 403 where the owner's account is gone; what the store, the database and the companion throw.
    func accept(
        _ files: [ReceivedFile], _ fields: MediaFields, owner: String, along companion: @escaping Companion = { _, _ in }
    ) async throws -> [MediaRecord] {
        let records = files.map { record($0, fields, owner: owner) }
        try await acknowledge(files, records, companion)
        core.metrics.count("agrovet_uploads_total", "Files taken.", by: Double(records.count))
        core.metrics.count("agrovet_upload_bytes_total", "Bytes of files taken.", by: Double(records.reduce(0) { $0 + $1.size }))
        return records
    }

    /// 201 with the record, or with `results` where there are several; after the wait that the client prefers.
    func created(_ records: [MediaRecord], for request: Request) async throws -> Response {
        var current = records
        if let seconds = Prefer.wait(request, limit: Int(core.settings.waitLimit / .seconds(1))) {
            current = try await wait(for: records, seconds: seconds)
        }
        let links = core.links(for: request)
        let texts = try await core.json(current, links: links)
        var response = Response.json(
            .created, texts.count == 1 ? texts[0] : JSONText.object([("results", "[" + texts.joined(separator: ",") + "]")]))
        if records.count == 1 { response.headers[.location] = links.base + "/api/media/\(records[0].id)/" }
        return response
    }

    private func record(_ file: ReceivedFile, _ fields: MediaFields, owner: String) -> MediaRecord {
        let now = MediaCore.now()
        let video = file.info.video.map(VideoFacts.init)
        return MediaRecord(
            id: MediaID(), kind: video == nil ? "image" : "video", status: .processing, failure: nil, title: fields.title ?? "",
            alt: fields.alt ?? "", visibility: fields.visibility ?? .public, purpose: fields.purpose ?? "", filename: file.filename,
            format: file.info.format, size: file.blob.size, displaySize: file.info.displaySize, hasAlpha: file.info.hasAlpha, video: video,
            playback: video != nil && core.pipeline.settings.webVideo != nil ? Playback() : nil,
            animation: AnimationFacts(file.info), sha256: file.blob.sha256, placeholder: nil, color: nil, owner: owner, created: now,
            updated: now)
    }

    /// Bytes first, record second: an object without a record is swept at the next start, a record without its object
    /// would be a lie.
    private func acknowledge(_ files: [ReceivedFile], _ records: [MediaRecord], _ companion: @escaping Companion) async throws {
        do {
            for (file, record) in zip(files, records) {
                try await core.objects.commit(
                    file.blob, to: MediaKeys.original(record.id), in: MediaKeys.bucket, contentType: record.format.contentType)
            }
            try await core.database.write { connection in
                for owner in Set(records.map(\.owner)) { try OwnerAccounts.requirePresent(owner, on: connection) }
                for record in records {
                    try MediaTable.insert(record, on: connection)
                    try RenderQueue.enqueue(record.id, now: record.created, on: connection)
                    try core.emit("media.created", record, made: [], on: connection)
                }
                try companion(connection, records)
            }
        } catch let error as DatabaseError where error.isOfUnknownOutcome {
            // Bytes of a record that may be there yet stay; without one they are swept.
            guard let first = records.first, try await core.find(first.id) != nil else { throw error }
        } catch {
            for record in records { try? await core.objects.delete([MediaKeys.original(record.id)], in: MediaKeys.bucket) }
            throw error
        }
        core.wakeRelay()
        await core.workSignal.wake()
    }

    /// The records when all are settled, or when the time is over.
    private func wait(for records: [MediaRecord], seconds: Int) async throws -> [MediaRecord] {
        let end = ContinuousClock.now + .seconds(seconds)
        for record in records {
            let left = max(.zero, end - ContinuousClock.now)
            try await core.settled.wait(for: record.id, atMost: left) {
                try await core.find(record.id).map { $0.status != .processing } ?? true
            }
        }
        var current: [MediaRecord] = []
        for record in records { current.append(try await core.find(record.id) ?? record) }
        return current
    }
}
