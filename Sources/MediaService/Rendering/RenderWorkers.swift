import Events
import Foundation
import ServiceLifecycle

/// The background work on render jobs: as many loops as the pipeline has workers, each taking one job after
/// another, and loops of their own for videos, which take long.
struct RenderWorkers: Service {
    let core: MediaCore
    let removals: ObjectRemovals

    /// How long an idle loop sleeps at most: what a job that became due by time waits for.
    private static let poll = Duration.seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<core.pipeline.settings.workers {
                    group.addTask {
                        await work(.pictures, wokenBy: core.workSignal) { try await RenderJob(core: core, lease: $0).run() }
                    }
                }
                for _ in 0..<core.pipeline.settings.videoWorkers {
                    group.addTask {
                        await work(.videos, wokenBy: core.videoSignal) { try await WebVideoJob(core: core, lease: $0).run() }
                    }
                }
                group.addTask { await removals.run() }
            }
        }
    }

    private func work(
        _ kind: RenderQueue.Kind, wokenBy signal: WakeUpSignal, _ run: (RenderQueue.Lease) async throws -> Void
    ) async {
        while !Task.isCancelled {
            do {
                if let lease = try await core.leaseNext(kind) {
                    try await run(lease)
                } else {
                    await signal.wait(atMost: Self.poll)
                }
            } catch is CancellationError {
                return
            } catch {
                // The database is away or full: the job's lease ends by itself.
                core.logger.error("render worker", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: Self.poll)
            }
        }
    }
}
