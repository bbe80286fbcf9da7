import Foundation
import Persistence
import ServiceLifecycle

/// Takes one job of a media bucket after another, several at once.
struct BucketWorkers: Service {
    let core: BucketCore

    /// How long an idle worker sleeps at most: what a job that became due by time waits for.
    private static let poll = Duration.seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<core.settings.workers { group.addTask { await work() } }
            }
        }
    }

    private func work() async {
        while !Task.isCancelled {
            do {
                if let lease = try await leaseNext() {
                    try await BucketJob(core: core, lease: lease).run()
                } else {
                    await core.signal.wait(atMost: Self.poll)
                }
            } catch is CancellationError {
                return
            } catch {
                // The database is away or full: the job's lease ends by itself.
                core.media.logger.error("media bucket worker", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: Self.poll)
            }
        }
    }

    private func leaseNext() async throws -> BucketTable.Lease? {
        // Looking first keeps an idle server from writing.
        guard try await core.media.database.read({ try BucketTable.isDue(now: MediaCore.now(), on: $0) }) else { return nil }
        return try await core.media.database.write { [core] connection in
            let now = MediaCore.now()
            return try BucketTable.leaseNext(now: now, until: core.leaseEnd(now), on: connection)
        }
    }
}

extension BucketCore {
    func leaseEnd(_ now: Int64) -> Int64 { now + Int64(media.settings.lease / .milliseconds(1)) }
}
