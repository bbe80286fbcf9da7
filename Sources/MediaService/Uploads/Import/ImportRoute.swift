import Foundation
import Hummingbird
import Synchronization
import WebAPI

/// `POST /api/media/import/`: fetches a file from a URL and takes it in as if it had been uploaded.
final class ImportRoute: Sendable {
    private let core: MediaCore
    private let settings: ImportSettings
    /// By owner.
    private let running = Mutex<[String: Int]>([:])

    init(core: MediaCore, settings: ImportSettings) {
        self.core = core
        self.settings = settings
    }

    var routes: [Route] {
        [
            Route(.post, "/api/media/import/", "Take a file in from a URL", MediaEndpoints.importing) { call in
                try await self.take(call)
            }
        ]
    }

    private func take(_ call: Call) async throws -> Response {
        let owner = try call.user().subject
        guard settings.isOn else {
            throw APIError(.forbidden, code: "import_off", detail: "Importing by URL is turned off on this server (setting import).")
        }
        let fields = MediaFields(call.body)
        let url = (call.body["url"]?.string ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        let file: ReceivedFile
        do {
            file = try await limited(owner) { try await ImportFetch(core: core, settings: settings).run(url) }
        } catch let error as ImportError {
            // Without the URL, which may carry a secret.
            call.context.logger.info("import refused", metadata: ["reason": "\(error)"])
            throw error.apiError
        }
        let intake = MediaIntake(core: core)
        do {
            let records = try await intake.accept([file], fields, owner: owner)
            return try await intake.created(records, for: call.request)
        } catch {
            await file.blob.discard()
            throw error
        }
    }

    private func limited<Value>(_ owner: String, _ body: () async throws -> Value) async throws -> Value {
        let isFree = running.withLock { running in
            // A slow source holds a place for as long as an import may take, and nobody is to hold them all.
            guard running.values.reduce(0, +) < settings.atOnce, running[owner, default: 0] < settings.atOncePerUser else { return false }
            running[owner, default: 0] += 1
            return true
        }
        guard isFree else { throw ImportError.busy }
        defer {
            running.withLock { running in
                let left = running[owner, default: 0] - 1
                running[owner] = left > 0 ? left : nil
            }
        }
        return try await body()
    }
}
