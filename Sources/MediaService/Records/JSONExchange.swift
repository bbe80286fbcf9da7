import Foundation
import Hummingbird
import NIOCore
import WebAPI

/// Bodies of requests that are JSON: small by nature.
enum JSONBody {
    static let limit = 64 * 1024

    /// A body that has to be there and has to say that it is JSON.
    /// - Throws: `APIError` 415, 413.
    static func required(_ request: Request) async throws -> Data {
        let type = HeaderParameters(request.headers[.contentType] ?? "").value
        guard type == "application/json" else {
            throw APIError(.unsupportedMediaType, code: "unsupported_media_type", detail: "Unsupported media type \"\(type)\" in request.")
        }
        return Data(buffer: try await collect(request))
    }

    /// - Throws: `APIError` 413.
    static func collect(_ request: Request) async throws -> ByteBuffer {
        var collected = ByteBuffer()
        for try await chunk in request.body {
            collected.writeImmutableBuffer(chunk)
            if collected.readableBytes > limit {
                throw APIError(
                    .contentTooLarge, code: "content_too_large", detail: "The JSON body is larger than \(limit) bytes.",
                    headers: [.connection: "close"])
            }
        }
        return collected
    }
}
