import Foundation
import ObjectStorage
import Persistence
import WebAPI

/// The life of resumable uploads: made, looked at, ended, swept. What is told to clients is durable before it is told.
struct ResumableUploads: Sendable {
    let core: MediaCore
    let settings: ResumableSettings
    let files: ResumableFiles
    let holds = WriterHolds()

    init(core: MediaCore, settings: ResumableSettings) {
        self.core = core
        self.settings = settings
        files = ResumableFiles(folder: settings.folder)
    }

    /// When an upload that something has just happened to ends, in milliseconds since 1970.
    var expiry: Int64 { MediaCore.now() + Int64(settings.lifetime / .milliseconds(1)) }

    // MARK: Making

    /// - Parameter metadata: checked before.
    /// - Throws: `APIError` 413, 429; `ObjectStoreError`.
    func create(owner: String, length: Int?, isPartial: Bool, metadata: String) async throws -> ResumableUpload {
        if let length, length > settings.uploadBytes { throw tooLarge }
        try await checkCount(of: owner)
        let upload = ResumableUpload(
            owner: owner, length: length, part: isPartial ? .partial : .whole, metadata: metadata, expires: expiry)
        try await files.create(upload.id)
        try await insert(upload)
        return upload
    }

    /// Makes a final upload of complete partial ones and takes it in. They go when it has become an item, whose bytes are its own. Who asks
    /// again, for the answer was lost, gets the one that was made.
    /// - Throws: `APIError` 400, 409, 413, 423, 429; `ObjectStoreError`.
    func concatenate(_ pieces: [UploadID], owner: String, metadata: String) async throws -> ResumableUpload {
        let made = try await core.database.read {
            try ResumableTable.find(.final(pieces), metadata: metadata, of: owner, now: MediaCore.now(), on: $0)
        }
        if let made { return try await state(of: made.id, owner: owner) }
        try await checkCount(of: owner)
        let upload = try await holding(pieces) {
            var length = 0
            for id in pieces {
                guard let piece = try await core.database.read({ try ResumableTable.find(id, of: owner, on: $0) }), piece.part == .partial,
                    piece.expires > MediaCore.now()
                else { throw APIError.invalid("Upload-Concat", "\(id) is not a partial upload.") }
                guard piece.isComplete else {
                    throw APIError(.conflict, code: "upload_incomplete", detail: "The partial upload \(id) is not complete.")
                }
                length += piece.received
                guard length <= settings.uploadBytes else { throw tooLarge }
            }
            let id = UploadID()
            guard try await files.concatenate(pieces, into: id) == length else {
                try await files.remove(id)
                throw ObjectStoreError.corrupt("a partial upload has not the bytes that it should have")
            }
            let upload = ResumableUpload(
                id: id, owner: owner, length: length, received: length, part: .final(pieces), metadata: metadata, expires: expiry)
            try await insert(upload)
            return try await holding([id]) { try await takeIn(upload) }
        }
        await removePieces(of: upload)
        return upload
    }

    /// Those of a final upload that has become an item; one that is in use stays until it expires.
    func removePieces(of upload: ResumableUpload) async {
        guard upload.mediaID != nil, case .final(let pieces) = upload.part else { return }
        for id in Set(pieces) {
            guard let hold = await holds.take(id) else { continue }
            try? await releasing(hold) { try await discard(id) }
        }
    }

    private func insert(_ upload: ResumableUpload) async throws {
        do {
            try await core.database.write { connection in
                try OwnerAccounts.requirePresent(upload.owner, on: connection)
                try ResumableTable.insert(upload, on: connection)
            }
        } catch {
            try? await files.remove(upload.id)
            throw error
        }
    }

    private func checkCount(of owner: String) async throws {
        let count = try await core.database.read { try ResumableTable.unfinished(of: owner, now: MediaCore.now(), on: $0) }
        guard count < settings.uploadsPerOwner else {
            throw APIError(
                .tooManyRequests, code: "too_many_uploads",
                detail: "There are \(count) unfinished uploads, as many as the setting resumable-uploads allows.")
        }
    }

    var tooLarge: APIError {
        .contentTooLarge(limit: settings.uploadBytes, setting: "resumable-limit (AGROVET_RESUMABLE_LIMIT)")
    }

    // MARK: Looking

    /// - Throws: `APIError` 404, also where it is another's; 410 where it has expired.
    func find(_ id: UploadID, of owner: String) async throws -> ResumableUpload {
        guard let upload = try await core.database.read({ try ResumableTable.find(id, of: owner, on: $0) }) else { throw APIError.notFound }
        guard upload.expires > MediaCore.now() else {
            throw APIError(.gone, code: "upload_expired", detail: "The upload has expired.")
        }
        return upload
    }

    /// How far it has come, as the disk has it. Takes the upload from a writer that has fallen silent, and takes in what a
    /// crash or an outage kept from it.
    func state(of id: UploadID, owner: String) async throws -> ResumableUpload {
        let known = try await find(id, of: owner)
        // While another connection writes, what it has made durable so far.
        guard known.mediaID == nil, let hold = await holds.takeOver(id, silentFor: settings.stall, isBrief: true) else { return known }
        return try await releasing(hold) {
            var upload = try await find(id, of: owner)
            guard upload.mediaID == nil else { return upload }
            guard let size = try await files.size(id) else { throw await lost(id) }
            if size < upload.received {
                upload.received = size
                try await core.database.write { [upload] in try ResumableTable.update(upload, on: $0) }
            }
            guard upload.awaitsIntake else { return upload }
            let taken = try await takeIn(upload)
            await removePieces(of: taken)
            return taken
        }
    }

    // MARK: Ending

    /// Makes a media item of a complete upload, by the same way as a form's file. To be called with the hold.
    /// - Throws: `APIError` 400 where the file is refused: the upload is gone then; anything else leaves it as it was.
    func takeIn(_ upload: ResumableUpload) async throws -> ResumableUpload {
        let blob = try await core.objects.stage(file: files.path(upload.id))
        var upload = upload
        do {
            let metadata = try TusMetadata(upload.metadata)
            let info = try await core.probe(blob, named: metadata.filename)
            let file = ReceivedFile(blob: blob, filename: metadata.filename, info: info)
            let id = upload.id
            let intake = MediaIntake(core: core)
            let records = try await intake.accept([file], try metadata.fields(), owner: upload.owner) { connection, records in
                guard try ResumableTable.settle(id, as: records[0].id, on: connection) else { throw APIError.notFound }
            }
            upload.mediaID = records[0].id
        } catch let error as APIError where error.status.kind == .clientError {
            await blob.discard()
            try await discard(upload.id)
            throw error
        } catch {
            await blob.discard()
            throw error
        }
        // A file that stays behind is nobody's, and goes at the next start.
        try? await files.remove(upload.id)
        return upload
    }

    /// Ends an upload, whoever writes to it.
    func remove(_ id: UploadID, owner: String) async throws {
        _ = try await find(id, of: owner)
        guard let hold = await holds.takeOver(id, silentFor: .zero) else { throw Self.locked }
        try await releasing(hold) { try await discard(id) }
    }

    /// Ends all uploads of an owner, whoever writes to them.
    /// - Returns: false where one is being settled right now: it goes the next time.
    func removeAll(of owner: String) async throws -> Bool {
        var isDone = true
        for id in try await core.database.read({ try ResumableTable.ids(of: owner, on: $0) }) {
            guard let hold = await holds.takeOver(id, silentFor: .zero) else {
                isDone = false
                continue
            }
            try await releasing(hold) { try await discard(id) }
        }
        return isDone
    }

    /// The row first: a file without one is swept, a row without a file would be a promise.
    private func discard(_ id: UploadID) async throws {
        try await core.database.write { try ResumableTable.delete(id, on: $0) }
        try await files.remove(id)
    }

    /// The bytes are gone, so the upload is.
    func lost(_ id: UploadID) async -> any Error {
        core.logger.error("the file of an upload is missing", metadata: ["upload": "\(id)"])
        try? await discard(id)
        return APIError(.gone, code: "upload_lost", detail: "The upload's bytes are not there any more. Begin it again.")
    }

    // MARK: Holds

    /// 423 (RFC 4918 section 11.3).
    static var locked: APIError {
        APIError(
            .init(code: 423, reasonPhrase: "Locked"), code: "upload_locked", detail: "Another connection writes to this upload.",
            headers: [.retryAfter: "1"])
    }

    func releasing<Value>(_ hold: WriterHolds.Hold, _ body: () async throws -> Value) async throws -> Value {
        do {
            let value = try await body()
            await holds.release(hold)
            return value
        } catch {
            await holds.release(hold)
            throw error
        }
    }

    /// - Throws: `APIError` 423.
    func holding<Value>(_ ids: [UploadID], _ body: () async throws -> Value) async throws -> Value {
        var taken: [WriterHolds.Hold] = []
        for id in Set(ids) {
            guard let hold = await holds.take(id) else {
                for hold in taken { await holds.release(hold) }
                throw Self.locked
            }
            taken.append(hold)
        }
        do {
            let value = try await body()
            for hold in taken { await holds.release(hold) }
            return value
        } catch {
            for hold in taken { await holds.release(hold) }
            throw error
        }
    }
}
