import Foundation
import Hummingbird
import WebAPI

/// Addresses that take one upload without credentials: `POST /api/media/presign/` makes one, for a browser that is not to have
/// the token, and `POST` or `PUT` to it uploads. The signature (HMAC-SHA256) stands in the query, which is never logged.
struct PresignRoutes: Sendable {
    let core: MediaCore
    let settings: PresignSettings

    var routes: [Route] {
        [
            Route(
                .post, "/api/media/presign/", "An address that takes one upload without credentials",
                MediaEndpoints.presign(size: core.settings.uploadBytes, lifetime: Int(core.settings.signedURLLimit / .seconds(1)))
            ) { call in try await presign(call) },
            Route(.post, "/api/media/presigned/{id}/", "Upload to a presigned address, as a form", MediaEndpoints.presignedForm) {
                request, context in
                try await upload(request, context) { presigned in
                    let limits = UploadLimits(oneFileOf: presigned.size, tooLarge: Self.tooLarge(presigned))
                    return try await UploadForm.receive(request, limits: limits, core: core).files[0]
                }
            },
            Route(.put, "/api/media/presigned/{id}/", "Upload to a presigned address, as the body", MediaEndpoints.presignedBody) {
                request, context in
                try await upload(request, context) { presigned in
                    let tooLarge = Self.tooLarge(presigned)
                    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > presigned.size { throw tooLarge }
                    return try await ReceivedFile.receive(
                        request.body, named: presigned.filename, limit: presigned.size, tooLarge: tooLarge, core: core)
                }
            },
        ]
    }

    private func presign(_ call: Call) async throws -> Response {
        let owner = try call.user().subject
        let wish = try PresignRequest(
            call.body, sizeLimit: core.settings.uploadBytes, defaultLifetime: Int(settings.lifetime / .seconds(1)))
        // Whole seconds, as the signature has them.
        let expires = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + Double(wish.lifetime)).rounded(.down))
        let presigned = PresignedUpload(wish, owner: owner, expires: Timestamp.milliseconds(expires))
        try await core.database.write { connection in
            try OwnerAccounts.requireActive(owner, on: connection)
            try presigned.insert(now: MediaCore.now(), on: connection)
        }
        return Response.json(
            .created,
            JSONText.object([
                ("url", JSONText.string(core.base(of: call.request) + settings.signer.sign(presigned.path, expires: expires))),
                ("method", JSONText.string("POST")),
                ("field", JSONText.string("file")),
                ("fields", "{}"),
                ("headers", "{}"),
                ("max_size", "\(presigned.size)"),
                ("expires", JSONText.string(Timestamp.text(expires))),
            ]))
    }

    /// - Parameter receive: takes the file from the request's body.
    private func upload(
        _ request: Request, _ context: APIRequestContext, receive: (PresignedUpload) async throws -> ReceivedFile
    ) async throws -> Response {
        let presigned = try await admit(request, context)
        var received = try await receive(presigned)
        received = ReceivedFile(blob: received.blob, filename: presigned.filename, info: received.info)
        let intake = MediaIntake(core: core)
        let records: [MediaRecord]
        do {
            if let type = presigned.contentType, received.info.format.contentType != type {
                throw APIError(
                    invalid: ["file": ["The file is \(received.info.format.contentType), not \(type)."]], code: "wrong_content_type")
            }
            // Of two who upload at once the second finds the address used, and its record is rolled back.
            records = try await intake.accept([received], presigned.fields, owner: presigned.owner) { connection, records in
                // The account may have been disabled while the file came.
                try OwnerAccounts.requireActive(presigned.owner, on: connection)
                guard try presigned.consume(for: records[0].id, on: connection) else { throw Self.used }
            }
        } catch {
            await received.blob.discard()
            throw error
        }
        return try await intake.created(records, for: request)
    }

    /// What the address allows, if it still does.
    /// - Throws: `APIError` 403, 409; before the body is read.
    private func admit(_ request: Request, _ context: APIRequestContext) async throws -> PresignedUpload {
        guard let id = UploadID(try context.parameters.require("id")) else { throw APIError.notFound }
        switch settings.signer.verdict(on: request, path: PresignedUpload.path(id), now: Date()) {
        case .valid: break
        case .expired: throw Self.expired
        case .invalid:
            throw APIError(.forbidden, code: "signature_invalid", detail: "The signature is not valid.")
        }
        let presigned = try await core.database.read { connection in
            guard let presigned = try PresignedUpload.find(id, on: connection) else { throw Self.expired }
            try OwnerAccounts.requireActive(presigned.owner, on: connection)
            return presigned
        }
        guard presigned.mediaID == nil else { throw Self.used }
        return presigned
    }

    private static var expired: APIError {
        APIError(.forbidden, code: "signature_expired", detail: "The address has expired.")
    }

    private static var used: APIError {
        APIError(.conflict, code: "already_used", detail: "The address takes one upload, and has had it.")
    }

    private static func tooLarge(_ presigned: PresignedUpload) -> APIError {
        APIError(
            .contentTooLarge, code: "content_too_large",
            detail: "The file is larger than the \(presigned.size) bytes that this address allows.", headers: [.connection: "close"])
    }
}
