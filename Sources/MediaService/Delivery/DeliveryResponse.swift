import Foundation
import HTTPTypes
import Hummingbird
import ObjectStorage
import WebAPI

/// The answer that carries an image's or a file's bytes: validators, conditions, ranges and what caches go by. One for all
/// addresses that bytes are delivered at.
struct DeliveryResponse {
    let reader: any ObjectReader
    let cacheControl: String
    /// Whether the format was chosen by the Accept header.
    var isNegotiated = false
    /// The items whose bytes are in it: a cache in front is purged by `media-{id}`.
    let tags: [MediaID]
    /// Sent with the bytes, not with 304.
    var contentHeaders: HTTPFields = [:]

    func response(to request: Request) -> Response {
        let info = reader.info
        // Half of the SHA-256: 128 bits tell contents apart for ever.
        let validators = Validators(
            etag: "\"\(info.sha256.prefix(32))\"", lastModified: Date(timeIntervalSince1970: Double(info.modified) / 1000))
        var headers: HTTPFields = [
            .eTag: validators.etag, .lastModified: HTTPDate.format(validators.lastModified), .acceptRanges: "bytes",
            .cacheControl: cacheControl, Self.cacheTag: tags.map { "media-\($0)" }.joined(separator: ","),
            // Images are there to be shown by any site; nothing in them is anybody's session.
            .accessControlAllowOrigin: "*",
        ]
        if isNegotiated { headers[.vary] = "Accept" }
        if validators.isNotModified(request) { return Response(status: .notModified, headers: headers) }

        headers[.contentType] = info.contentType
        for field in contentHeaders { headers[field.name] = field.value }
        switch ByteRange(header: validators.applicableRange(request), size: info.size) {
        case .whole:
            return Response(status: .ok, headers: headers, body: body(0..<info.size))
        case .partial(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(info.size)"
            return Response(status: .partialContent, headers: headers, body: body(range))
        case .unsatisfiable:
            headers[.contentRange] = "bytes */\(info.size)"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        }
    }

    private func body(_ range: Range<Int>) -> ResponseBody {
        ResponseBody(contentLength: range.count) { [reader] writer in
            for try await chunk in reader.chunks(range) { try await writer.write(chunk) }
            try await writer.finish(nil)
        }
    }

    private static let cacheTag = HTTPField.Name("Cache-Tag")!
}

extension APIError {
    /// What there is to say of an item that cannot be rendered.
    static func unavailable(_ failure: MediaFailure?) -> APIError {
        APIError(.notFound, code: failure?.code ?? "render_failed", detail: failure?.message ?? "This file could not be processed.")
    }
}
