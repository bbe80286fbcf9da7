import Foundation
import HTTPTypes
import Hummingbird
import ObjectStorage
import WebAPI

/// `/api/media/uploads/`: resumable uploads by tus 1.0 (https://tus.io/protocols/resumable-upload) with the extensions
/// creation, creation-with-upload, creation-defer-length, checksum, expiration, termination and concatenation.
struct TusRoutes: Sendable {
    let uploads: ResumableUploads

    static let version = "1.0.0"
    private static let path = "/api/media/uploads/"
    private static let extensions =
        "creation,creation-with-upload,creation-defer-length,checksum,expiration,termination,concatenation"
    static let contentType = "application/offset+octet-stream"

    var routes: [Route] {
        let (all, one) = (Self.path, Self.path + "{id}/")
        return [
            Route(.options, all, "What resumable uploads can do here (tus 1.0)", TusEndpoints.options) { _, _ in
                options(allowing: "OPTIONS, POST")
            },
            Route(.options, one, "What resumable uploads can do here (tus 1.0)", TusEndpoints.options) { _, _ in
                options(allowing: Self.methods)
            },
            Route(.post, all, "Begin a resumable upload (tus 1.0)", TusEndpoints.begin) { request, context in
                switch Self.method(of: request) {
                case .options: options(allowing: "OPTIONS, POST")
                case .post: try await answer(request, context) { try await create(request, context) }
                default: throw APIError(.methodNotAllowed, code: "method_not_allowed", detail: "Method not allowed.")
                }
            },
            Route(.head, one, "How far a resumable upload has come (tus 1.0)", TusEndpoints.state) { request, context in
                try await handle(request, context)
            },
            Route(.patch, one, "Go on with a resumable upload (tus 1.0)", TusEndpoints.append) { request, context in
                try await handle(request, context)
            },
            Route(.delete, one, "Give a resumable upload up (tus 1.0)", TusEndpoints.end) { request, context in
                try await handle(request, context)
            },
            Route(.post, one, "With X-HTTP-Method-Override (tus 1.0)", TusEndpoints.override) { request, context in
                try await handle(request, context)
            },
        ]
    }

    /// Clients behind proxies that know no PATCH say it in a header.
    private static func method(of request: Request) -> HTTPRequest.Method {
        request.headers[TusHeaders.methodOverride].flatMap { HTTPRequest.Method(rawValue: $0.uppercased()) } ?? request.method
    }

    private func handle(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let method = Self.method(of: request)
        if method == .options { return options(allowing: Self.methods) }
        return try await answer(request, context) {
            let owner = try context.requirePrincipal().subject
            guard let id = UploadID(try context.parameters.require("id")) else { throw APIError.notFound }
            switch method {
            case .head: return try await head(id, owner)
            case .patch: return try await patch(request, id, owner)
            case .delete:
                try await uploads.remove(id, owner: owner)
                return Response(status: .noContent)
            default: throw APIError(.methodNotAllowed, code: "method_not_allowed", detail: "Method not allowed.")
            }
        }
    }

    // MARK: Requests

    /// Of an upload.
    private static let methods = "DELETE, HEAD, OPTIONS, PATCH, POST"

    private func options(allowing methods: String) -> Response {
        Response(
            status: .noContent,
            headers: [
                TusHeaders.resumable: Self.version, TusHeaders.version: Self.version, TusHeaders.extension: Self.extensions,
                TusHeaders.maxSize: "\(uploads.settings.uploadBytes)", TusHeaders.checksumAlgorithm: TusChecksum.algorithms,
                .allow: methods,
            ])
    }

    private func create(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let owner = try context.requirePrincipal().subject
        let metadata = request.headers[TusHeaders.metadata] ?? ""
        _ = try TusMetadata(metadata).fields()
        let length = try Self.number(TusHeaders.length, request)
        var upload: ResumableUpload
        switch try ResumableUpload.Part(request.headers[TusHeaders.concat]) {
        case .final(let pieces):
            guard length == nil else { throw APIError.invalid("Upload-Length", "A final upload's length is that of its pieces.") }
            upload = try await uploads.concatenate(pieces, owner: owner, metadata: metadata)
        case let part:
            guard (length == nil) == (request.headers[TusHeaders.deferLength] == "1") else {
                throw APIError.invalid("Upload-Length", "Either Upload-Length or Upload-Defer-Length: 1 is required.")
            }
            // What cannot be taken is refused before anything is made.
            let sending = try body(of: request)
            upload = try await uploads.create(owner: owner, length: length, isPartial: part == .partial, metadata: metadata)
            if let sending {
                do {
                    upload = try await append(request, to: upload.id, owner, at: 0, sending)
                } catch {
                    // The client has not heard of the upload and cannot go on with it.
                    try? await uploads.remove(upload.id, owner: owner)
                    throw error
                }
            } else if upload.awaitsIntake {
                upload = try await uploads.holding([upload.id]) { [upload] in try await uploads.takeIn(upload) }
            }
        }
        var response = Response(status: .created, headers: progress(of: upload))
        response.headers[.location] = uploads.core.base(of: request) + Self.path + "\(upload.id)/"
        return response
    }

    private func head(_ id: UploadID, _ owner: String) async throws -> Response {
        let upload = try await uploads.state(of: id, owner: owner)
        var headers = progress(of: upload)
        headers[TusHeaders.length] = upload.length.map(String.init)
        if upload.length == nil { headers[TusHeaders.deferLength] = "1" }
        if !upload.metadata.isEmpty { headers[TusHeaders.metadata] = upload.metadata }
        switch upload.part {
        case .whole: break
        case .partial: headers[TusHeaders.concat] = "partial"
        case .final(let pieces):
            headers[TusHeaders.concat] = "final;" + pieces.map { "\(Self.path)\($0)/" }.joined(separator: " ")
        }
        return Response(status: .ok, headers: headers)
    }

    private func patch(_ request: Request, _ id: UploadID, _ owner: String) async throws -> Response {
        guard let offset = try Self.number(TusHeaders.offset, request) else {
            throw APIError.invalid("Upload-Offset", "This header is required.")
        }
        guard Self.mediaType(of: request) == Self.contentType else { throw Self.wrongType(request) }
        let length = try Self.number(TusHeaders.length, request)
        let upload = try await append(request, to: id, owner, at: offset, length: length, request.body)
        return Response(status: .noContent, headers: progress(of: upload))
    }

    private func append(
        _ request: Request, to id: UploadID, _ owner: String, at offset: Int, length: Int? = nil, _ body: RequestBody
    ) async throws -> ResumableUpload {
        let append = ResumableAppend(
            uploads: uploads, id: id, owner: owner, offset: offset, declaredLength: length,
            checksum: try request.headers[TusHeaders.checksum].map { try TusChecksum($0) },
            contentLength: request.headers[.contentLength].flatMap { Int($0) })
        return try await append.run(body)
    }

    /// The body that comes with a creation, if one does.
    private func body(of request: Request) throws -> RequestBody? {
        let type = Self.mediaType(of: request)
        if type == Self.contentType {
            _ = try request.headers[TusHeaders.checksum].map { try TusChecksum($0) }
            return request.body
        }
        let isEmpty = request.headers[.contentLength].map { $0 == "0" } ?? (request.headers[.transferEncoding] == nil)
        guard isEmpty else { throw Self.wrongType(request) }
        return nil
    }

    // MARK: Headers

    /// What every answer on an upload tells.
    private func progress(of upload: ResumableUpload) -> HTTPFields {
        var headers: HTTPFields = [TusHeaders.offset: "\(upload.received)"]
        headers[TusHeaders.expires] = HTTPDate.format(Date(timeIntervalSince1970: Double(upload.expires) / 1000))
        headers[TusHeaders.media] = upload.mediaID.map { "/api/media/\($0)/" }
        return headers
    }

    /// Every answer, an error too, says the protocol's version and is not kept by caches.
    private func answer(_ request: Request, _ context: APIRequestContext, _ body: () async throws -> Response) async throws -> Response {
        var response: Response
        do {
            guard request.headers[TusHeaders.resumable] == Self.version else {
                throw APIError(
                    .preconditionFailed, code: "tus_version", detail: "The header Tus-Resumable has to be \(Self.version).",
                    headers: [TusHeaders.version: Self.version])
            }
            response = try await body()
        } catch {
            guard let known = error as? APIError ?? MediaService.apiError(error) else { throw error }
            if !(error is APIError) { known.log(cause: error, context.logger) }
            response = known.response(to: request)
            if request.method == .head { response = response.createHeadResponse() }
        }
        response.headers[TusHeaders.resumable] = Self.version
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private static func number(_ name: HTTPField.Name, _ request: Request) throws -> Int? {
        try request.headers[name].map { try TusHeaders.number($0, of: name.rawName) }
    }

    private static func mediaType(of request: Request) -> String { HeaderParameters(request.headers[.contentType] ?? "").value }

    private static func wrongType(_ request: Request) -> APIError {
        APIError(
            .unsupportedMediaType, code: "unsupported_media_type",
            detail: "Unsupported media type \"\(mediaType(of: request))\" in request; send \(contentType).")
    }
}
