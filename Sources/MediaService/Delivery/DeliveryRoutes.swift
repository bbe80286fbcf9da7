import Codecs
import Foundation
import Hummingbird
import MediaPipeline
import NIOCore
import ObjectStorage
import WebAPI

/// `GET /media/{id}/{preset}.{ext}` and `/media/{id}/original`: the bytes, as caches and players want them. They never
/// change under their address.
struct DeliveryRoutes: Sendable {
    let core: MediaCore
    let maker: RenditionMaker

    var routes: [Route] {
        [Route(.get, "/media/{id}/{file}", "The original, or a rendition") { request, context in try await deliver(request, context) }]
    }

    /// What a path asks for.
    private enum Wanted {
        case original
        case rendition(RenditionRequest, isNegotiated: Bool)
    }

    private func deliver(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        guard let id = MediaID(try context.parameters.require("id")), let record = try await core.find(id) else { throw APIError.notFound }
        try authorize(record, request, context)
        let wanted = try wanted(try context.parameters.require("file"), record, request)
        let key: ObjectKey
        switch wanted {
        case .original: key = MediaKeys.original(id)
        case .rendition(let rendition, _): key = MediaKeys.rendition(id, rendition.preset.name, rendition.format)
        }
        var reader = try await core.objects.open(key, in: MediaKeys.bucket)
        if reader == nil, case .rendition(let rendition, _) = wanted {
            try await make(rendition, of: record)
            reader = try await core.objects.open(key, in: MediaKeys.bucket)
        }
        guard let reader else { throw APIError.notFound }
        return respond(reader, wanted, record, request)
    }

    /// Public items are everybody's; a private one is its owner's and that of whoever has a signed link.
    private func authorize(_ record: MediaRecord, _ request: Request, _ context: APIRequestContext) throws {
        guard record.visibility == .private else { return }
        if let principal = context.principal, principal.subject == record.owner { return }
        if core.signer.isSigned(request, now: Date()) { return }
        // The same answer as for an item that does not exist.
        throw APIError.notFound
    }

    private func wanted(_ file: String, _ record: MediaRecord, _ request: Request) throws -> Wanted {
        if file == "original" { return .original }
        let presets = core.pipeline.settings.presets(of: record.format)
        guard let dot = file.lastIndex(of: "."), let preset = presets.first(where: { $0.name == file[..<dot] }) else {
            throw APIError.notFound
        }
        let isAVIFOn = core.pipeline.settings.avif
        let text = String(file[file.index(after: dot)...])
        if text == "auto" {
            let fallback = core.plan(record).fallback
            // A browser that does not name a format in Accept may not know it.
            var offers: [(type: String, explicit: Bool)] = isAVIFOn ? [(OutputFormat.avif.contentType, true)] : []
            offers += [(OutputFormat.webp.contentType, true), (fallback.contentType, false)]
            let chosen = ContentNegotiation.choose(accept: request.headers[.accept], offers: offers)
            // Nothing acceptable: the fallback all the same, as RFC 9110 section 12.4.1 allows; an image beats an error.
            let format = OutputFormat.allCases.first { $0.contentType == chosen } ?? fallback
            return .rendition(RenditionRequest(preset: preset, format: format), isNegotiated: true)
        }
        guard let format = OutputFormat(fileExtension: text), format != .avif || isAVIFOn else { throw APIError.notFound }
        return .rendition(RenditionRequest(preset: preset, format: format), isNegotiated: false)
    }

    private func make(_ rendition: RenditionRequest, of record: MediaRecord) async throws {
        guard record.status != .failed else { throw APIError.unavailable(record.failure) }
        do {
            try await maker.make(rendition, of: record)
        } catch let error as CodecError where error.isPermanent {
            throw APIError.unavailable(MediaFailure(code: error.code, message: error.message))
        }
        // The item's job was done instead, and found that the file is broken.
        if let now = try await core.find(record.id), now.status == .failed { throw APIError.unavailable(now.failure) }
    }

    private func respond(_ reader: any ObjectReader, _ wanted: Wanted, _ record: MediaRecord, _ request: Request) -> Response {
        var answer = DeliveryResponse(
            reader: reader,
            cacheControl: record.visibility == .public ? "public, max-age=31536000, immutable" : "private, no-cache", tags: [record.id])
        if case .rendition(_, isNegotiated: true) = wanted { answer.isNegotiated = true }
        if case .original = wanted {
            // What somebody uploaded is never run as a page of this origin.
            answer.contentHeaders[.contentSecurityPolicy] = "default-src 'none'; sandbox"
            answer.contentHeaders[.contentDisposition] = Self.disposition(
                record, isDownload: request.uri.queryParameters["download"] != nil)
        }
        return answer.response(to: request)
    }

    /// RFC 6266; the name in UTF-8 by RFC 8187, and a plain one for old clients.
    private static func disposition(_ record: MediaRecord, isDownload: Bool) -> String {
        let name = record.filename.isEmpty ? "\(record.id).\(record.format.fileExtension)" : record.filename
        let plain = String(name.unicodeScalars.map { $0.isASCII && $0.value >= 0x20 && $0 != "\"" && $0 != "\\" ? Character($0) : "_" })
        return "\(isDownload ? "attachment" : "inline"); filename=\"\(plain)\"; filename*=UTF-8''\(name.urlPercentEncoded)"
    }
}
