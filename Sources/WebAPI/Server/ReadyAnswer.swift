import HTTPTypes
import NIOCore

/// An answer that needs nobody to be asked: its bytes are in memory or in an open file, its fields are written out. It is sent
/// on the connection's own thread, with validators, conditions and ranges as any other (`Validators.select`).
public final class ReadyAnswer: Sendable {
    public enum Content: Sendable {
        case bytes(ByteBuffer)
        /// Sent by the kernel from the file to the socket.
        case file(OpenFile)
    }

    /// Pattern of the route that made it, for log and metrics.
    public let route: String
    public let validators: Validators
    /// Bytes of the whole content.
    public let size: Int
    public let content: Content
    /// As they stand in the answer's head: those of every answer, and those that go with the content only.
    let fields: [UInt8]
    let contentFields: [UInt8]
    /// Of an answer that is an error: no cache keeps it as it keeps the content.
    let refusalFields: [UInt8]
    /// The head of the answer that is given most, up to the request's id.
    let wholeHead: [UInt8]

    /// What every head ends with, and the request's id.
    static let headEnd = "X-Content-Type-Options: nosniff\r\nX-Request-Id: "

    /// - Parameters:
    ///   - fields: of every answer, 304 among them; none about the content's length or range, no date and no request id.
    ///   - contentFields: sent with 200 and 206.
    public init(
        route: String, validators: Validators, size: Int, content: Content, fields: HTTPFields, contentFields: HTTPFields
    ) {
        self.route = route
        self.validators = validators
        self.size = size
        self.content = content
        self.fields = Self.text(fields)
        self.contentFields = Self.text(contentFields)
        var refusal = fields
        refusal[.cacheControl] = "no-store"
        refusalFields = Self.text(refusal)
        wholeHead =
            Array("HTTP/1.1 200 OK\r\n".utf8) + self.fields + self.contentFields
            + Array("Content-Length: \(size)\r\n\(Self.headEnd)".utf8)
    }

    private static func text(_ fields: HTTPFields) -> [UInt8] {
        fields.flatMap { Array("\($0.name.rawName): \($0.value)\r\n".utf8) }
    }
}

/// An answer that was made for one request: what is sent of it is chosen already.
public struct MadeAnswer: Sendable {
    public enum Content: Sendable {
        case none
        case bytes(ByteBuffer)
        /// Sent by the kernel from the file to the socket.
        case file(OpenFile, Range<Int>)
    }

    /// Of the operation, for log and metrics.
    public let route: String
    public let status: HTTPResponse.Status
    /// All of the answer's but Date and Server.
    public let fields: HTTPFields
    public let content: Content
    public let requestID: String

    public init(route: String, status: HTTPResponse.Status, fields: HTTPFields, content: Content, requestID: String) {
        self.route = route
        self.status = status
        self.fields = fields
        self.content = content
        self.requestID = requestID
    }
}

public enum ReadyReply: Sendable {
    /// The same for everybody, until it is let go.
    case kept(ReadyAnswer)
    /// For this request.
    case made(MadeAnswer)
}

/// Knows what is ready. Called on event loops for each request: it must not block.
public protocol ReadyAnswers: Sendable {
    /// - Returns: nil where the request has to go its usual way.
    func reply(to request: ReadyRequest) -> ReadyReply?
}
