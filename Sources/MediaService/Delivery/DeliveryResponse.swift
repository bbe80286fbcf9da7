import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ObjectStorage
import WebAPI

/// The answer that carries an image's or a file's bytes: validators, conditions, ranges and what caches go by. One for all
/// addresses that bytes are delivered at, and for the answers that are kept ready.
struct DeliveryResponse {
    var reader: any ObjectReader
    let cacheControl: String
    /// Whether the format was chosen by the Accept header.
    var isNegotiated = false
    /// The items whose bytes are in it: a cache in front is purged by `media-{id}`.
    let tags: [MediaID]
    /// Sent with the bytes, not with 304.
    var contentHeaders: HTTPFields = [:]

    static let cacheTag = HTTPField.Name("Cache-Tag")!
    /// What scripts of other origins may read (WHATWG Fetch section 3.2.4), a player of video among them.
    static let exposed = "Accept-Ranges, Cache-Tag, Content-Disposition, Content-Length, Content-Range, ETag, X-Request-Id"
    static func tag(_ id: MediaID) -> String { "media-\(id)" }

    /// - Throws: `APIError` 412.
    func response(to request: Request) throws(APIError) -> Response {
        let size = reader.info.size
        var headers = fields
        switch validators.select(Conditions(request), size: size) {
        case .preconditionFailed:
            throw .preconditionFailed
        case .notModified:
            return Response(status: .notModified, headers: headers)
        case .whole:
            headers.append(contentsOf: contentFields)
            return answer(.ok, headers, 0..<size, to: request)
        case .partial(let range):
            headers.append(contentsOf: contentFields)
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            return answer(.partialContent, headers, range, to: request)
        case .unsatisfiable:
            headers[.contentRange] = "bytes */\(size)"
            headers[.cacheControl] = "no-store"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        }
    }

    /// The same answer, to be given without asking anybody.
    func ready(route: String, content: ReadyAnswer.Content) -> ReadyAnswer {
        ReadyAnswer(
            route: route, validators: validators, size: reader.info.size, content: content, fields: fields, contentFields: contentFields)
    }

    private var validators: Validators {
        // Half of the SHA-256: 128 bits tell contents apart for ever.
        Validators(
            etag: "\"\(reader.info.sha256.prefix(32))\"", lastModified: Date(timeIntervalSince1970: Double(reader.info.modified) / 1000))
    }

    private var fields: HTTPFields {
        let validators = validators
        var fields: HTTPFields = [
            .eTag: validators.etag, .lastModified: HTTPDate.format(validators.lastModified), .acceptRanges: "bytes",
            .cacheControl: cacheControl, Self.cacheTag: tags.map(Self.tag).joined(separator: ","),
            // Images are there to be shown by any site; nothing in them is anybody's session.
            .accessControlAllowOrigin: "*", .accessControlExposeHeaders: Self.exposed,
        ]
        if isNegotiated { fields[.vary] = "Accept" }
        return fields
    }

    private var contentFields: HTTPFields {
        var fields: HTTPFields = [.contentType: reader.info.contentType]
        fields.append(contentsOf: contentHeaders)
        return fields
    }

    private func answer(_ status: HTTPResponse.Status, _ headers: HTTPFields, _ range: Range<Int>, to request: Request) -> Response {
        if let memory = reader as? MemoryReader, let slice = memory.bytes.getSlice(at: range.lowerBound, length: range.count) {
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: slice))
        }
        if request.method == .get, range.count >= Self.fileBytes, let outbox = FileOutbox.current,
            let descriptor = try? reader.openDescriptor()
        {
            var headers = headers
            headers[.contentLength] = String(range.count)
            headers.append(outbox.post(OpenFile(owning: descriptor), range))
            return Response(status: status, headers: headers)
        }
        let body = ResponseBody(contentLength: range.count) { [reader] writer in
            for try await chunk in reader.chunks(range) { try await writer.write(chunk) }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }

    /// From this size on the kernel sends the file itself, and no byte of it is in memory.
    private static let fileBytes = 64 * 1024
}

extension DeliveryCache {
    /// Keeps an answer that everybody may see. A small body is read into memory for it.
    ///
    /// - Parameters:
    ///   - route: its pattern.
    ///   - ticket: taken before the records of `response.tags` were looked up.
    /// - Returns: the answer to give now.
    func keep(_ response: DeliveryResponse, route: String, at address: Address, ticket: Ticket) async throws -> DeliveryResponse {
        let info = response.reader.info
        guard info.size <= limits.bodyBytes else {
            if let descriptor = try? response.reader.openDescriptor() {
                keep(
                    response.ready(route: route, content: .file(OpenFile(owning: descriptor))), info, at: address, tags: response.tags,
                    ticket: ticket)
            }
            return response
        }
        var bytes = ByteBuffer()
        for try await chunk in response.reader.chunks(0..<info.size) { bytes.writeImmutableBuffer(chunk) }
        keep(response.ready(route: route, content: .bytes(bytes)), info, at: address, tags: response.tags, ticket: ticket)
        var response = response
        response.reader = MemoryReader(info: info, bytes: bytes)
        return response
    }
}

extension APIError {
    /// What there is to say of an item that cannot be rendered.
    static func unavailable(_ failure: MediaFailure?) -> APIError {
        APIError(.notFound, code: failure?.code ?? "render_failed", detail: failure?.message ?? "This file could not be processed.")
    }

    /// 503: so much is being rendered that one more would only wait.
    static var busy: APIError {
        APIError(
            .serviceUnavailable, code: "busy", detail: "Too many pictures are being made. Try again in a moment.",
            headers: [.retryAfter: "1"])
    }
}
