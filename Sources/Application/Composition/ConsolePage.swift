import CConsolePage
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import WebAPI

/// The files of the console and of the marketplace's page, which are part of the binary.
enum ConsolePage {
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; form-action 'self'; \
        base-uri 'none'; frame-ancestors 'none'
        """

    static var routes: [Route] {
        (0..<console_page_file_count).map { index in
            let file = console_page_file_at(index)!.pointee
            let bytes = ByteBuffer(bytes: UnsafeRawBufferPointer(start: file.bytes, count: file.size))
            let contentType = String(cString: file.content_type)
            let etag =
                "\"" + SHA256.hash(data: Data(buffer: bytes)).prefix(12).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                + "\""
            return Route(.get, String(cString: file.path), "The pages: console and marketplace") { request, _ in
                // Revalidated each time, so that a new version of the server shows its own page at once.
                var headers: HTTPFields = [
                    .cacheControl: "no-cache", .eTag: etag, .contentSecurityPolicy: policy, .referrerPolicy: "no-referrer",
                    HTTPField.Name("Cross-Origin-Opener-Policy")!: "same-origin",
                ]
                if request.headers[.ifNoneMatch] == etag { return Response(status: .notModified, headers: headers) }
                headers[.contentType] = contentType
                return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: bytes))
            }
        }
    }
}

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
