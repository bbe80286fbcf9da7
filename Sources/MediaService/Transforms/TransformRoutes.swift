import Codecs
import Foundation
import Hummingbird
import MediaPipeline
import ObjectStorage
import WebAPI

/// `GET /img/{signature}/{operations}/{media_id}.{ext}`: a picture as the operations have it (docs/TRANSFORMS.md).
///
/// The record is looked up for every answer, so that nothing kept of a picture outlives its deletion.
struct TransformRoutes: Sendable {
    private let core: MediaCore
    private let settings: TransformSettings
    private let maker: TransformMaker

    init(core: MediaCore, settings: TransformSettings) {
        self.core = core
        self.settings = settings
        maker = TransformMaker(core: core, settings: settings)
    }

    private static let path = "/img/{signature}/{operations}/{file}"

    var routes: [Route] {
        [
            Route(
                .get, Self.path, "A transformed picture",
                MediaEndpoints.delivery([
                    Parameter(.path, "signature", .string(1...200), "Of the rest of the path"),
                    Parameter(.path, "operations", .string(1...1000), "Such as fit:fill,w:640 (docs/TRANSFORMS.md)"),
                    Parameter(.path, "file", .string(1...200), "Media item and extension"),
                ])
            ) { try await deliver($0, $1) }
        ]
    }

    private func deliver(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let file = try context.parameters.require("file")
        // Some clients escape the colon or the comma; the signature is of what they mean.
        guard let text = try context.parameters.require("operations").removingURLPercentEncoding() else { throw APIError.notFound }
        let isSigned = try authorize(try context.parameters.require("signature"), text, file)
        let operations = try Self.valid { () throws(TransformError) in try TransformOperations(parsing: text, limits: settings.limits) }
        let secondsLeft = try operations.expires.map(Self.secondsLeft)
        guard let dot = file.lastIndex(of: "."), let id = MediaID(file[..<dot]) else { throw APIError.notFound }
        var ticket = core.deliveryCache.ticket([id])
        let record = try await visible(id, isSigned: isSigned)
        let resolved = try Self.valid { () throws(TransformError) in
            try operations.resolved(presets: core.pipeline.settings.presets, limits: settings.limits)
        }
        let format = try format(String(file[file.index(after: dot)...]), resolved, record, request)
        var watermark: MediaRecord?
        if let mark = resolved.watermark {
            guard let markID = MediaID(mark.mediaID) else { throw APIError.notFound }
            ticket = ticket.joined(core.deliveryCache.ticket([markID]))
            watermark = try await visible(markID, isSigned: isSigned)
        }
        let order = TransformMaker.Order(record: record, operations: resolved, format: format.chosen, watermark: watermark)
        let isPrivate = record.visibility == .private || watermark?.visibility == .private
        // One that expires is looked at each time; a signature opens private items, which are never kept ready.
        let isKept = !isPrivate && secondsLeft == nil && request.method == .get
        let address =
            isKept
            ? core.deliveryCache.address(
                path: request.head.path ?? "", accept: request.headers[.accept], isNegotiated: format.isNegotiated) : nil
        let kept = address.flatMap { core.deliveryCache.reader($0, ticket: ticket) }
        let made: any ObjectReader = if let kept { kept } else { try await reader(order, isSigned: isSigned) }
        let answer = DeliveryResponse(
            reader: made,
            cacheControl: isPrivate
                ? "private, no-cache" : secondsLeft.map { "public, max-age=\($0)" } ?? "public, max-age=31536000, immutable",
            isNegotiated: format.isNegotiated, tags: [id] + [watermark?.id].compactMap { $0 })
        guard let address, kept == nil else { return try answer.response(to: request) }
        return try await core.deliveryCache.keep(answer, route: Self.path, at: address, ticket: ticket).response(to: request)
    }

    /// Whether there is a signature, or none is needed.
    private func authorize(_ signature: String, _ operations: String, _ file: String) throws -> Bool {
        if signature == "unsigned" {
            guard settings.allowsUnsigned else {
                throw APIError(.forbidden, code: "signature_required", detail: "Addresses of pictures must be signed here.")
            }
            return false
        }
        guard settings.signer.accepts(signature, operations: operations, file: file) else {
            throw APIError(.forbidden, code: "signature_invalid", detail: "The signature is not one of this address.")
        }
        return true
    }

    private static func secondsLeft(_ expires: Int) throws -> Int {
        let left = expires - Int(Date().timeIntervalSince1970)
        guard left > 0 else { throw APIError(.forbidden, code: "signature_expired", detail: "The address has expired.") }
        return min(left, 31_536_000)
    }

    /// The item, if it may be shown: a signature opens private ones too. Another answer than for an item that does not exist
    /// would tell that it does.
    private func visible(_ id: MediaID, isSigned: Bool) async throws -> MediaRecord {
        guard let record = try await core.find(id), isSigned || record.visibility == .public else { throw APIError.notFound }
        guard record.status != .failed else { throw APIError.unavailable(record.failure) }
        return record
    }

    private func format(
        _ text: String, _ operations: TransformOperations, _ record: MediaRecord, _ request: Request
    ) throws -> (chosen: OutputFormat, isNegotiated: Bool) {
        guard text == "auto" else {
            guard let format = OutputFormat(fileExtension: text) else { throw APIError.notFound }
            return (format, false)
        }
        let fallback: OutputFormat = record.hasAlpha && operations.background == nil ? .png : .jpeg
        // A browser that does not name a format in Accept may not know it.
        var offers: [(type: String, explicit: Bool)] = core.pipeline.settings.avif ? [(OutputFormat.avif.contentType, true)] : []
        offers += [(OutputFormat.webp.contentType, true), (fallback.contentType, false)]
        let type = ContentNegotiation.choose(accept: request.headers[.accept], offers: offers)
        return (OutputFormat.allCases.first { $0.contentType == type } ?? fallback, true)
    }

    private func reader(_ order: TransformMaker.Order, isSigned: Bool) async throws -> any ObjectReader {
        if let kept = await core.transformCache.open(order.key(core.pipeline.settings)) {
            core.metrics.count("agrovet_transform_cache_hits_total", "Transformed pictures delivered from the cache.")
            return kept
        }
        let made: any ObjectReader
        do {
            made = try await maker.make(order)
        } catch let error as TransformError {
            throw APIError.invalid(error.operation, error.message)
        } catch let error as CodecError {
            switch error {
            case .overMemoryBudget: throw APIError(invalid: ["operations": [error.message]], code: error.code)
            case _ where error.isPermanent: throw APIError.unavailable(MediaFailure(code: error.code, message: error.message))
            default: throw error
            }
        }
        // Making takes a while: what was deleted or closed meanwhile is not shown any more.
        _ = try await visible(order.record.id, isSigned: isSigned)
        if let watermark = order.watermark { _ = try await visible(watermark.id, isSigned: isSigned) }
        return made
    }

    private static func valid<Value>(_ body: () throws(TransformError) -> Value) throws(APIError) -> Value {
        do {
            return try body()
        } catch {
            throw APIError.invalid(error.operation.isEmpty ? "operations" : error.operation, error.message)
        }
    }
}
