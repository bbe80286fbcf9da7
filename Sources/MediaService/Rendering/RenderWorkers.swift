import Foundation
import ServiceLifecycle

/// The background work on render jobs: as many loops as the pipeline has workers, each taking one job after another.
struct RenderWorkers: Service {
    let core: MediaCore
    let removals: ObjectRemovals

    /// How long an idle loop sleeps at most: what a job that became due by time waits for.
    private static let poll = Duration.seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<core.pipeline.settings.workers {
                    group.addTask { await work() }
                }
                group.addTask { await removals.run() }
            }
        }
    }

    private func work() async {
        while !Task.isCancelled {
            do {
                if let lease = try await core.leaseNext() {
                    try await RenderJob(core: core, lease: lease).run()
                } else {
                    await core.workSignal.wait(atMost: Self.poll)
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
