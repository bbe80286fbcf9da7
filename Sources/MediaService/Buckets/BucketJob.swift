import Foundation
import ObjectStorage
import Persistence
import WebAPI

/// One look at one key of a media bucket: what it stands for becomes an item, and what it stood for before goes.
struct BucketJob: Sendable {
    let core: BucketCore
    let lease: BucketTable.Lease

    private var media: MediaCore { core.media }

    private enum Outcome: Sendable {
        /// The key stands for nothing.
        case nothing
        /// As it was looked at before.
        case unchanged
        case file(ReceivedFile, ObjectVersion)
        /// Nothing that media can be made of.
        case noMedia(ObjectVersion, reason: String)
        case retry(after: Duration, reason: String, countsAttempt: Bool)
    }

    func run() async throws {
        let known = try await media.database.read { try BucketTable.known(lease.key, in: lease.bucket, on: $0) }
        let outcome = try await withSignsOfLife(every: media.settings.lease / 3, loses: Never.self) {
            try await media.database.write { try BucketTable.renew(lease, until: core.leaseEnd(MediaCore.now()), on: $0) }
        } during: {
            await attempt(known)
        }
        // Shielded: an attempt that was cancelled still gives its job back.
        try await Task { try await settle(outcome, known) }.value
    }

    // MARK: Looking

    private func attempt(_ known: BucketTable.Known?) async -> Outcome {
        do {
            // The version may go between being found and being read.
            for _ in 0..<10 {
                let found = try await core.store.find(lease.key, version: nil, in: lease.bucket)
                guard let version = found, !version.isDeleteMarker else { return .nothing }
                if version.identity == known?.version { return .unchanged }
                guard lease.attempt <= media.settings.jobAttempts else { return .noMedia(version, reason: "given_up") }
                guard version.clientSize <= core.settings.objectBytes else { return .noMedia(version, reason: "too_large") }
                switch try await core.bytes(version, lease.bucket) {
                case .gone: continue
                case .sealed: return .noMedia(version, reason: "sealed")
                case .bytes(let stream): return try await receive(stream, of: version)
                }
            }
            throw ObjectStoreError.failed("the object changes faster than it can be read")
        } catch is CancellationError {
            return .retry(after: .zero, reason: "the server is shutting down", countsAttempt: false)
        } catch let error as APIError {
            // Something that the intake needs is away, such as the virus scanner.
            return .retry(after: .seconds(10), reason: error.code, countsAttempt: false)
        } catch {
            let retry = media.retry(lease.attempt, after: error) ?? (after: .zero, countsAs: .attempt)
            return .retry(after: retry.after, reason: "\(error)", countsAttempt: retry.countsAs == .attempt)
        }
    }

    private func receive(_ bytes: MediaFirst.Bytes, of version: ObjectVersion) async throws -> Outcome {
        do {
            let limit = core.settings.objectBytes
            let file = try await ReceivedFile.receive(
                MediaFirst(bytes), named: filename, limit: limit,
                tooLarge: .contentTooLarge(limit: limit, setting: "media-bucket-limit (AGROVET_MEDIA_BUCKET_LIMIT)"), core: media)
            return .file(file, version)
        } catch let error as APIError where error.status.kind == .clientError {
            return .noMedia(version, reason: error.code)
        }
    }

    /// The key's last part.
    private var filename: String { UploadForm.shownName(lease.key.description) }

    // MARK: Settling

    private func settle(_ outcome: Outcome, _ known: BucketTable.Known?) async throws {
        do {
            switch outcome {
            case .nothing:
                try await replace(known, with: nil)
                note("removed")
            case .unchanged:
                try await media.database.write { try BucketTable.finish(lease, on: $0) }
            case .file(let file, let version):
                try await take(file, version, known)
            case .noMedia(let version, let reason):
                try await refuse(version, reason, known)
            case .retry(let after, let reason, let countsAttempt):
                media.logger.warning(
                    "an object of a media bucket will be looked at again",
                    metadata: ["bucket": "\(lease.bucket)", "attempt": "\(lease.attempt)", "error": "\(reason)"])
                try await release(after: after, countsAttempt: countsAttempt)
            }
        } catch is BucketTable.LeaseLost {
            // Whoever has the job now does it.
            media.logger.notice("a job of a media bucket was lost to another worker", metadata: ["bucket": "\(lease.bucket)"])
        }
    }

    /// Makes an item of the file in the place of what the key stood for; the same bytes of the same owner keep their item.
    private func take(_ file: ReceivedFile, _ version: ObjectVersion, _ known: BucketTable.Known?) async throws {
        let owner = lease.mark.owner ?? core.settings.owners[version.attributes.owner] ?? version.attributes.owner
        do {
            if let id = known?.mediaID, let record = try await media.find(id), record.sha256 == file.blob.sha256, record.owner == owner {
                await file.blob.discard()
                try await media.database.write { connection in
                    try BucketTable.finish(lease, on: connection)
                    try BucketTable.put(
                        BucketTable.Known(version: version.identity, mediaID: id), lease.key, in: lease.bucket, on: connection)
                }
                return note("kept")
            }
            if try await media.database.read({ try OwnerAccounts.isGone(owner, on: $0) }) {
                try await refuse(version, OwnerAccounts.inactive.code, known)
                return await file.blob.discard()
            }
            let fields = MediaFields(
                title: String(filename.prefix(MediaFields.titleLength)), alt: nil,
                visibility: lease.mark.visibility ?? core.settings.visibility, purpose: nil)
            _ = try await MediaIntake(core: media).accept([file], fields, owner: owner) { connection, records in
                try BucketTable.finish(lease, on: connection)
                try BucketTable.put(
                    BucketTable.Known(version: version.identity, mediaID: records[0].id), lease.key, in: lease.bucket, on: connection)
                if let old = known?.mediaID { _ = try media.delete(old, on: connection) }
            }
        } catch let error as BucketTable.LeaseLost {
            await file.blob.discard()
            throw error
        } catch {
            await file.blob.discard()
            let retry = media.retry(lease.attempt, after: error) ?? (after: .zero, countsAs: .attempt)
            media.logger.error(
                "an object of a media bucket was not taken", metadata: ["bucket": "\(lease.bucket)", "error": "\(error)"])
            return try await release(after: retry.after, countsAttempt: retry.countsAs == .attempt)
        }
        if let old = known?.mediaID { await media.deleted(old) }
        note(known?.mediaID == nil ? "taken" : "replaced")
    }

    private func refuse(_ version: ObjectVersion, _ reason: String, _ known: BucketTable.Known?) async throws {
        try await replace(known, with: BucketTable.Known(version: version.identity, mediaID: nil))
        note("no_media")
        // Without the key, which is a client's text.
        media.logger.info(
            "an object of a media bucket is no media",
            metadata: ["bucket": "\(lease.bucket)", "version": "\(version.identity)", "code": "\(reason)"])
    }

    /// Has the key stand for something that is no media, or for nothing; the item that it was goes.
    private func replace(_ known: BucketTable.Known?, with new: BucketTable.Known?) async throws {
        try await media.database.write { connection in
            try BucketTable.finish(lease, on: connection)
            if let new {
                try BucketTable.put(new, lease.key, in: lease.bucket, on: connection)
            } else {
                try BucketTable.forget(lease.key, in: lease.bucket, on: connection)
            }
            if let old = known?.mediaID { _ = try media.delete(old, on: connection) }
        }
        if let old = known?.mediaID { await media.deleted(old) }
    }

    private func release(after wait: Duration, countsAttempt: Bool) async throws {
        try await media.database.write { connection in
            try BucketTable.release(
                lease, runAfter: MediaCore.now() + Int64(wait / .milliseconds(1)), countsAttempt: countsAttempt, on: connection)
        }
    }

    private func note(_ result: String) {
        media.metrics.count("agrovet_bucket_objects_total", "Objects of media buckets looked at.", labels: [("result", result)])
    }
}

extension ObjectVersion {
    /// Tells two states of a key apart: without versioning every version has the same id.
    fileprivate var identity: String { "\(versionID) \(modified) \(etag)" }

    /// Bytes as the client sent them.
    fileprivate var clientSize: Int { attributes.clientSize ?? size }
}
