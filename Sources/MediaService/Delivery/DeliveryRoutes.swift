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

    private static let path = "/media/{id}/{file}"

    var routes: [Route] {
        [
            Route(
                .get, Self.path, "The original, or a rendition",
                MediaEndpoints.delivery([Parameter(.path, "file", .string(1...200), "original, or a rendition such as thumb.webp")])
            ) { request, context in try await deliver(request, context) }
        ]
    }

    /// What a path asks for.
    private enum Wanted {
        case original
        case rendition(RenditionRequest, isNegotiated: Bool)
        case webVideo
        case segments
    }

    private func deliver(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        guard let id = MediaID(try context.parameters.require("id")) else { throw APIError.notFound }
        let ticket = core.deliveryCache.ticket([id])
        guard let record = try await core.find(id) else { throw APIError.notFound }
        try authorize(record, request, context)
        let file = try context.parameters.require("file")
        if file == "hls.m3u8" { return try await Playlist.response(record, core: core, request: request) }
        let wanted = try wanted(file, record, request)
        if case .rendition(let rendition, _) = wanted { core.renditionUses.note(id, rendition) }
        guard let address = address(wanted, record, request) else {
            return try answer(try await open(wanted, record), wanted, record, request).response(to: request)
        }
        if let kept = core.deliveryCache.reader(address, ticket: ticket) {
            return try answer(kept, wanted, record, request).response(to: request)
        }
        let answer = answer(try await open(wanted, record), wanted, record, request)
        return try await core.deliveryCache.keep(answer, route: Self.path, at: address, ticket: ticket).response(to: request)
    }

    /// Where the answer is kept; nil for what is not everybody's.
    private func address(_ wanted: Wanted, _ record: MediaRecord, _ request: Request) -> DeliveryCache.Address? {
        guard record.visibility == .public, request.method == .get, let path = request.head.path else { return nil }
        let isNegotiated = if case .rendition(_, isNegotiated: true) = wanted { true } else { false }
        return core.deliveryCache.address(path: path, accept: request.headers[.accept], isNegotiated: isNegotiated)
    }

    private func open(_ wanted: Wanted, _ record: MediaRecord) async throws -> any ObjectReader {
        let key: ObjectKey
        switch wanted {
        case .original: key = MediaKeys.original(record.id)
        case .webVideo: key = MediaKeys.webVideo(record.id)
        case .segments: key = MediaKeys.segments(record.id)
        case .rendition(let rendition, _): key = MediaKeys.rendition(record.id, rendition.preset.name, rendition.format)
        }
        if let reader = try await core.objects.open(key, in: MediaKeys.bucket) { return reader }
        if case .rendition(let rendition, _) = wanted {
            try await make(rendition, of: record)
            if let reader = try await core.objects.open(key, in: MediaKeys.bucket) { return reader }
        }
        throw APIError.notFound
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
        switch file {
        case "original": return .original
        case "web.mp4": return .webVideo
        case "hls.mp4": return .segments
        default: break
        }
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

    private func answer(_ reader: any ObjectReader, _ wanted: Wanted, _ record: MediaRecord, _ request: Request) -> DeliveryResponse {
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
        return answer
    }

    /// RFC 6266; the name in UTF-8 by RFC 8187, and a plain one for old clients.
    private static func disposition(_ record: MediaRecord, isDownload: Bool) -> String {
        let name = record.filename.isEmpty ? "\(record.id).\(record.format.fileExtension)" : record.filename
        let plain = String(name.unicodeScalars.map { $0.isASCII && $0.value >= 0x20 && $0 != "\"" && $0 != "\\" ? Character($0) : "_" })
        return "\(isDownload ? "attachment" : "inline"); filename=\"\(plain)\"; filename*=UTF-8''\(name.urlPercentEncoded)"
    }
}
