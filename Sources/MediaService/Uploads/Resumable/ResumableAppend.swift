import Foundation
import Hummingbird
import ObjectStorage
import WebAPI

/// Adds one request's body to an upload. What came before a connection broke is kept, unless the request announced a
/// checksum: then all of it counts or nothing.
struct ResumableAppend: Sendable {
    let uploads: ResumableUploads
    let id: UploadID
    let owner: String
    /// Where the client thinks that the upload stands.
    let offset: Int
    /// `Upload-Length`, where it was left open at the creation.
    var declaredLength: Int?
    var checksum: TusChecksum?
    var contentLength: Int?

    /// Between two of these the bytes of one request are made durable, so that a crash costs little.
    private static let checkpoint = 8 * 1024 * 1024
    /// The same for a slow connection, which would lose minutes of work.
    private static let checkpointTime = Duration.seconds(2)

    /// - Throws: `APIError` 403, 404, 409, 410, 413, 423, 460, and what the intake refuses the file with; `IncompleteBody`.
    func run(_ body: RequestBody) async throws -> ResumableUpload {
        _ = try await uploads.find(id, of: owner)
        guard let hold = await uploads.holds.take(id) else { throw ResumableUploads.locked }
        return try await uploads.releasing(hold) { try await run(body, hold) }
    }

    private func run(_ body: RequestBody, _ hold: WriterHolds.Hold) async throws -> ResumableUpload {
        var upload = try await uploads.find(id, of: owner)
        if case .final = upload.part {
            throw APIError(.forbidden, code: "upload_final", detail: "A final upload takes no bytes of its own.")
        }
        if upload.mediaID != nil {
            try checkOffset(upload.received)
            guard contentLength == 0 else { throw beyondLength }
            return upload
        }
        guard let writer = try await uploads.files.open(id, received: upload.received) else { throw await uploads.lost(id) }
        upload.received = await writer.size
        try checkOffset(upload.received)
        try declareLength(&upload)
        let room = (upload.length ?? uploads.settings.uploadBytes) - upload.received
        if let contentLength, contentLength > room { throw upload.length == nil ? uploads.tooLarge : beyondLength }

        let outcome = await receive(body, upload, writer, hold, room: room)
        // What has come is settled whether or not somebody still waits for the answer.
        return try await Task { [upload] in try await settle(upload, writer, outcome) }.value
    }

    private func checkOffset(_ actual: Int) throws {
        guard offset == actual else {
            throw APIError(
                .conflict, code: "offset_mismatch", detail: "The upload stands at \(actual), not at \(offset).",
                headers: [TusHeaders.offset: "\(actual)"])
        }
    }

    private func declareLength(_ upload: inout ResumableUpload) throws {
        guard let declaredLength else { return }
        guard declaredLength <= uploads.settings.uploadBytes else { throw uploads.tooLarge }
        guard upload.length ?? declaredLength == declaredLength, declaredLength >= upload.received else {
            throw APIError.invalid("Upload-Length", "The upload has another length.")
        }
        upload.length = declaredLength
    }

    private var beyondLength: APIError {
        APIError(
            .contentTooLarge, code: "content_too_large", detail: "The body reaches beyond the upload's length.",
            headers: [.connection: "close"])
    }

    /// The body's bytes go to the file; the checksum as it is at the end. Ends early where another takes the upload over.
    private func receive(
        _ body: RequestBody, _ upload: ResumableUpload, _ writer: ResumableWriter, _ hold: WriterHolds.Hold, room: Int
    ) async -> Result<TusChecksum?, any Error> {
        let work = Task {
            var (upload, checksum, count, saved) = (upload, checksum, 0, ContinuousClock.now)
            for try await bytes in body {
                hold.giveSign()
                count += bytes.readableBytes
                guard count <= room else { throw BodyTooLong() }
                checksum?.update(bytes)
                try await writer.write(bytes)
                guard checksum == nil else { continue }
                let isMuch = await writer.size - upload.received >= Self.checkpoint
                guard isMuch || saved.duration(to: .now) >= Self.checkpointTime else { continue }
                upload.received = try await writer.synchronize()
                try await save(upload)
                saved = .now
            }
            return checksum
        }
        hold.mayBeStopped { work.cancel() }
        defer { hold.mayBeStopped(by: nil) }
        return await withTaskCancellationHandler {
            await work.result
        } onCancel: {
            work.cancel()
        }
    }

    private struct BodyTooLong: Error {}

    /// Makes what counts durable, then says so.
    private func settle(
        _ before: ResumableUpload, _ writer: ResumableWriter, _ outcome: Result<TusChecksum?, any Error>
    ) async throws -> ResumableUpload {
        var upload = before
        var refusal: (any Error)?
        switch outcome {
        case .success(let checksum):
            if checksum?.isRight == false {
                refusal = APIError(
                    .init(code: 460, reasonPhrase: "Checksum Mismatch"), code: "checksum_mismatch",
                    detail: "The body is not what its checksum announced. Send it again.")
            }
        case .failure(let error):
            refusal = error is BodyTooLong ? (upload.length == nil ? uploads.tooLarge : beyondLength) : error
        }
        if refusal != nil, checksum != nil || refusal is APIError { try await writer.truncate(to: before.received) }
        upload.received = try await writer.synchronize()
        upload.expires = uploads.expiry
        try await save(upload)
        if let refusal { throw refusal }
        return upload.awaitsIntake ? try await uploads.takeIn(upload) : upload
    }

    private func save(_ upload: ResumableUpload) async throws {
        try await uploads.core.database.write { try ResumableTable.update(upload, on: $0) }
    }
}
