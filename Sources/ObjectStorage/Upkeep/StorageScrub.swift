import Logging
import ServiceLifecycle

/// Reads every blob again and again, slowly, so that bytes that changed on the disk are told before they are asked for.
public struct StorageScrub: Service {
    private let store: VersionedObjectStore
    private let bytesPerSecond: Int
    private let pause: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - bytesPerSecond: read at the most.
    ///   - pause: between the end of one round and the beginning of the next.
    public init(store: VersionedObjectStore, bytesPerSecond: Int, pause: Duration, logger: Logger) {
        self.store = store
        self.bytesPerSecond = max(1, bytesPerSecond)
        self.pause = pause
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: pause)
                    try await round()
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("the scrub of the storage failed", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// One look at every blob.
    func round() async throws {
        let rate = bytesPerSecond
        let report = try await store.verify { bytes in
            // Never less than a moment, so that many empty blobs do not become a busy loop.
            try await Task.sleep(for: .microseconds(100 + bytes * 1_000_000 / rate))
        }
        for finding in report.findings {
            logger.error(
                "a blob is \(finding.fault.rawValue)",
                metadata: [
                    "sha256": "\(finding.sha256)",
                    "objects": "\(finding.victims.map { "\($0.bucket?.description ?? "an upload")/\($0.key?.description ?? "")" })",
                ])
        }
        logger.info(
            "scrubbed the storage",
            metadata: ["blobs": "\(report.blobs)", "bytes": "\(report.bytes)", "faults": "\(report.findings.count)"])
    }
}
