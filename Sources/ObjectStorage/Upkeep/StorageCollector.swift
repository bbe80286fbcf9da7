import Logging
import ServiceLifecycle

/// Collects garbage from time to time.
public struct StorageCollector: Service {
    private let store: VersionedObjectStore
    private let interval: Duration
    private let deadShare: Double
    private let logger: Logger

    /// - Parameter deadShare: see `VersionedObjectStore.collectGarbage`.
    public init(store: VersionedObjectStore, interval: Duration, deadShare: Double, logger: Logger) {
        self.store = store
        self.interval = interval
        self.deadShare = deadShare
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: interval)
                    let garbage = try await store.collectGarbage(deadShare: deadShare)
                    guard garbage != .init() else { continue }
                    logger.info(
                        "collected garbage",
                        metadata: [
                            "orphans": "\(garbage.orphans)", "packs": "\(garbage.packs)", "bytes": "\(garbage.bytes)",
                            "moved": "\(garbage.moved)", "kept": "\(garbage.kept)",
                        ])
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("garbage could not be collected", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
