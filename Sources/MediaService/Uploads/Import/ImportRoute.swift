import Foundation
import Hummingbird
import Synchronization
import WebAPI

/// `POST /api/media/import/`: fetches a file from a URL and takes it in as if it had been uploaded.
final class ImportRoute: Sendable {
    private let core: MediaCore
    private let settings: ImportSettings
    private let running = Mutex(0)

    init(core: MediaCore, settings: ImportSettings) {
        self.core = core
        self.settings = settings
    }

    var routes: [Route] {
        [
            Route(.post, "/api/media/import/", "Take a file in from a URL", MediaEndpoints.importing) { request, context in
                try await self.take(request, context)
            }
        ]
    }

    private struct Body: Decodable {
        let url: String
    }

    private func take(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let owner = try context.requirePrincipal().subject
        guard settings.isOn else {
            throw APIError(.forbidden, code: "import_off", detail: "Importing by URL is turned off on this server (setting import).")
        }
        let data = try await JSONBody.required(request)
        let fields = try MediaFields(json: data)
        guard let url = try? JSONDecoder().decode(Body.self, from: data).url.trimmingCharacters(in: .whitespacesAndNewlines), !url.isEmpty
        else { throw APIError.invalid("url", "This field is required.") }
        let file: ReceivedFile
        do {
            file = try await limited { try await ImportFetch(core: core, settings: settings).run(url) }
        } catch let error as ImportError {
            // Without the URL, which may carry a secret.
            context.logger.info("import refused", metadata: ["reason": "\(error)"])
            throw error.apiError
        }
        let intake = MediaIntake(core: core)
        do {
            let records = try await intake.accept([file], fields, owner: owner)
            return try await intake.created(records, for: request)
        } catch {
            await file.blob.discard()
            throw error
        }
    }

    private func limited<Value>(_ body: () async throws -> Value) async throws -> Value {
        let isFree = running.withLock { running in
            guard running < settings.atOnce else { return false }
            running += 1
            return true
        }
        guard isFree else { throw ImportError.busy }
        defer { running.withLock { $0 -= 1 } }
        return try await body()
    }
}
