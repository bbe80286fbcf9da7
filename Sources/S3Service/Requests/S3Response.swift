import HTTPTypes
import NIOCore
import ObjectStorage

/// An answer as S3 means it. What every answer carries (request id, date, CORS) is added where it is sent.
struct S3Response: Sendable {
    enum Body: Sendable {
        case empty
        /// `application/xml` unless the headers say otherwise.
        case bytes(ByteBuffer)
        /// Bytes of an object as they are stored.
        case object(any VersionReader, Range<Int>)
        /// Made as it is sent, of that many bytes where known.
        case stream(AsyncThrowingStream<ByteBuffer, any Error>, length: Int?)
    }

    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: Body

    init(_ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
