import Hummingbird
import NIOCore
import WebAPI

/// Answers with a JSON text.
enum JSONResponse {
    static func make(_ status: HTTPResponse.Status, _ text: String) -> Response {
        var response = Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        response.headers[.contentType] = "application/json"
        response.headers[.cacheControl] = "private, no-cache"
        return response
    }
}

/// Bodies of requests that are JSON: small by nature.
enum JSONBody {
    static let limit = 64 * 1024

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
