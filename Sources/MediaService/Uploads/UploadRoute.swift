import Hummingbird
import WebAPI

/// `POST /api/media/`: files of a form become records.
struct UploadRoute: Sendable {
    let core: MediaCore

    var routes: [Route] {
        [
            Route(.post, "/api/media/", "Upload one or several images or videos", MediaEndpoints.upload) { request, context in
                try await upload(request, context)
            }
        ]
    }

    private func upload(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let owner = try context.requirePrincipal().subject
        let intake = MediaIntake(core: core)
        let form = try await UploadForm.receive(request, limits: UploadLimits(core.settings), core: core)
        let records: [MediaRecord]
        do {
            records = try await intake.accept(form.files, try MediaFields(form: form.fields), owner: owner)
        } catch {
            await form.discard()
            throw error
        }
        return try await intake.created(records, for: request)
    }
}
