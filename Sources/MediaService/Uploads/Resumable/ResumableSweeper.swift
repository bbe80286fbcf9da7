import Foundation
import ServiceLifecycle
import WebAPI

/// Takes away what has expired, and takes in what a crash left complete.
struct ResumableSweeper: Service {
    let uploads: ResumableUploads

    private static let batch = 1000
    private var core: MediaCore { uploads.core }

    /// To be called at start, before uploads are taken: makes the folder and removes files that no row names.
    func prepare() async throws {
        try await uploads.files.prepare()
        guard core.settings.isExclusive else { return }
        let ids = try await uploads.files.all()
        for start in stride(from: 0, to: ids.count, by: Self.batch) {
            let some = Array(ids[start..<min(start + Self.batch, ids.count)])
            let known = try await core.database.read { try ResumableTable.unsettled(some, on: $0) }
            for id in some where !known.contains(id) { try await uploads.files.remove(id) }
        }
        try await sweep()
    }

    func run() async throws {
        let interval = max(.seconds(1), min(.seconds(60), uploads.settings.lifetime / 4))
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await takeInWhatWaits()
                    try await sweep()
                } catch is CancellationError {
                    return
                } catch {
                    core.logger.error("resumable uploads could not be swept", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    private func sweep() async throws {
        let expired = try await core.database.read { try ResumableTable.expired(before: MediaCore.now(), limit: Self.batch, on: $0) }
        for upload in expired {
            // One that is written to right now is about to have a new time.
            guard let hold = await uploads.holds.take(upload.id) else { continue }
            try await uploads.releasing(hold) {
                let isExpired = try await core.database.write { connection in
                    try ResumableTable.delete(upload.id, expiredBefore: MediaCore.now(), on: connection)
                }
                if isExpired { try await uploads.files.remove(upload.id) }
            }
        }
    }

    private func takeInWhatWaits() async throws {
        let waiting = try await core.database.read {
            try ResumableTable.awaitingIntake(now: MediaCore.now(), limit: Self.batch, on: $0)
        }
        for upload in waiting {
            do {
                _ = try await uploads.state(of: upload.id, owner: upload.owner)
            } catch let error as APIError {
                core.logger.info("a resumable upload was refused", metadata: ["upload": "\(upload.id)", "code": "\(error.code)"])
            }
        }
    }
}
