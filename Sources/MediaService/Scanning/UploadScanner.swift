import Foundation
import HTTPTypes
import Logging
import WebAPI

/// Has files looked at for malware before they are published. Every way that bytes come in by asks `vet` before it acknowledges.
public struct UploadScanner: Sendable {
    private let clamd: Clamd
    private let isRequired: Bool
    private let metrics: MetricsRegistry
    private let logger: Logger

    /// - Parameter isRequired: refuse what could not be scanned, with 503 where the scanner is away; otherwise take it unscanned.
    public init(clamd: Clamd, isRequired: Bool, metrics: MetricsRegistry, logger: Logger) {
        self.clamd = clamd
        self.isRequired = isRequired
        self.metrics = metrics
        self.logger = logger
    }

    /// Returns where the file may be published.
    /// - Parameters:
    ///   - path: of the complete file on this machine.
    ///   - name: as the client named it, for the message.
    /// - Throws: `APIError`: 400 `infected` for the field `file`, 413 `scan_limit`, 503 `scanner_unavailable`.
    public func vet(path: String, named name: String) async throws {
        let start = ContinuousClock.now
        do {
            let verdict = try await clamd.scan(path: path)
            metrics.observe(
                "agrovet_scan_duration_seconds", "Time of one virus scan.", (ContinuousClock.now - start) / .seconds(1))
            switch verdict {
            case .clean: count("clean")
            case .infected(let signature): throw infected(signature, name)
            case .tooLarge: try tooLarge()
            }
        } catch let error as APIError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            try unavailable(error)
        }
    }

    /// Its state does not decide whether the server is ready: what is stored is delivered without it.
    public var healthCheck: HealthCheck {
        HealthCheck("scanner", isEssential: false) { [clamd] in try await clamd.version() }
    }

    private func infected(_ signature: String, _ name: String) -> APIError {
        count("infected")
        // The name is a client's text, and stays out of the log.
        logger.warning("an infected upload was refused", metadata: ["signature": "\(signature)"])
        let prefix = name.isEmpty ? "" : "\(name): "
        return APIError(invalid: ["file": ["\(prefix)The file is infected (\(signature)). Nothing was stored."]], code: "infected")
    }

    private func tooLarge() throws {
        count("too_large")
        guard isRequired else {
            logger.warning("an upload is longer than clamd takes, and was taken unscanned")
            return
        }
        logger.warning("an upload is longer than clamd takes, and was refused: raise StreamMaxLength in clamd.conf")
        throw APIError(
            .contentTooLarge, code: "scan_limit",
            detail: "The file is larger than the virus scanner takes (StreamMaxLength of clamd.conf). Nothing was stored.",
            headers: [.connection: "close"])
    }

    private func unavailable(_ error: any Error) throws {
        count("unavailable")
        logger.error("the virus scanner cannot be asked", metadata: ["error": "\(error)", "required": "\(isRequired)"])
        guard isRequired else { return }
        throw APIError(
            .serviceUnavailable, code: "scanner_unavailable",
            detail: "The virus scanner does not answer, so nothing is taken. Try again in a moment.", headers: [.retryAfter: "10"])
    }

    private func count(_ result: String) {
        metrics.count("agrovet_scans_total", "Files that were to be scanned for viruses.", labels: [("result", result)])
    }
}
