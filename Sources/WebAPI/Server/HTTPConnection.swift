import Hummingbird
import HummingbirdCore
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// What bounds one HTTP/1.1 connection.
public struct HTTPConnectionLimits: Sendable {
    /// Bytes of one header field.
    public var headerFieldBytes: Int
    /// Bytes of all header fields of a request.
    public var headerBytes: Int
    /// Header fields of a request.
    public var headerCount: Int
    /// How long a connection may stand without a byte of a request.
    public var idleTimeout: Duration
    /// How long a client may take nothing of an answer.
    public var sendTimeout: Duration
    /// Bytes of an unwanted body that are read and dropped so that the client gets to read its answer.
    public var lingeringBytes: Int

    public init(
        headerFieldBytes: Int = 16 * 1024, headerBytes: Int = 64 * 1024, headerCount: Int = 200, idleTimeout: Duration = .seconds(60),
        sendTimeout: Duration = .seconds(60), lingeringBytes: Int = 4 * 1024 * 1024
    ) {
        self.headerFieldBytes = headerFieldBytes
        self.headerBytes = headerBytes
        self.headerCount = headerCount
        self.idleTimeout = idleTimeout
        self.sendTimeout = sendTimeout
        self.lingeringBytes = lingeringBytes
    }
}

/// What is answered without Hummingbird, on the connection's own thread.
struct ReadyDelivery: Sendable {
    /// Nil where nothing is.
    var answers: (any ReadyAnswers)?
    var ledger: RequestLedger
    /// The Server field.
    var serverName: String
}

/// One HTTP/1.1 connection: Hummingbird's channel with handlers and a loop of our own. What is ready is answered at once
/// (`ReadyAnswerHandler`), a client that takes nothing of its answer is let go (`SendTimeoutHandler`), and the loop does what an
/// upload server needs: `100 Continue` is said when the handler wants the body, an answer that comes before the body's end
/// closes the connection instead of reading gigabytes, and what the parser refuses is answered in the API's own form.
struct HTTPConnection: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let connection: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
        let mustClose: NIOLockedValueBox<Bool>
        let outbox: FileOutbox
        var channel: any Channel { connection.channel }
    }

    let responder: HTTPChannelHandler.Responder
    let limits: HTTPConnectionLimits
    let ready: ReadyDelivery
    let refusal: ParserRefusal

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let mustClose = NIOLockedValueBox(false)
        let outbox = FileOutbox()
        let http1 = HTTP1Channel(
            responder: responder,
            configuration: .init(
                additionalChannelHandlers: [EarlyResponseHandler(mustClose: mustClose)],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerFieldBytes, maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: limits.headerCount)))
        return http1.setup(channel: channel, logger: logger).flatMapThrowing { connection in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(SendTimeoutHandler(timeout: limits.sendTimeout, logger: logger), position: .first)
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(
                ReadyAnswerHandler(
                    answers: ready.answers, outbox: outbox, ledger: ready.ledger, serverName: ready.serverName,
                    idleTimeout: limits.idleTimeout,
                    logger: logger),
                position: .after(decoder))
            return Value(connection: connection, mustClose: mustClose, outbox: outbox)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let channel = value.channel
        do {
            try await withTaskCancellationHandler {
                try await value.connection.executeThenClose { inbound, outbound in
                    do {
                        try await serve(inbound.makeAsyncIterator(), outbound, value)
                    } catch let error as HTTPParserError {
                        try await refuse(error, outbound)
                    }
                    outbound.finish()
                    try await channel.closeFuture.get()
                }
            } onCancel: {
                channel.close(mode: .input, promise: nil)
            }
        } catch {
            logger.trace("connection ended", metadata: ["error": "\(error)"])
        }
    }

    private func serve(
        _ inbound: RequestBodyStream.Inbound, _ outbound: NIOAsyncChannelOutboundWriter<HTTPResponsePart>, _ value: Value
    ) async throws {
        var inbound = inbound
        guard case .head(var head)? = try await inbound.next() else { return }
        while true {
            let body = RequestBodyStream(
                inbound: inbound, outbound: outbound, expectsContinue: head.waitsForContinue)
            let request = Request(head: head, body: RequestBody(asyncSequence: body))
            try await FileOutbox.$current.withValue(value.outbox) {
                try await responder(request, ResponseWriter(outbound: outbound), value.channel)
            }
            let isDrained = try await body.drain(limit: limits.lingeringBytes)
            let closes = value.mustClose.withLockedValue { $0 } || head.headerFields[.connection]?.lowercased() == "close"
            guard isDrained, !closes, let next = try await body.nextHead() else { return }
            inbound = body.takeInbound()
            head = next
        }
    }

    /// Answers a request that the parser refused: 431 for headers beyond a limit (RFC 6585), else 400.
    private func refuse(_ error: HTTPParserError, _ outbound: NIOAsyncChannelOutboundWriter<HTTPResponsePart>) async throws {
        var (head, body) =
            if case .headerOverflow = error { refusal(.headersTooLarge) } else { refusal(.malformed) }
        head.headerFields[.connection] = "close"
        head.headerFields[.contentLength] = "\(body.readableBytes)"
        try await outbound.write(.head(head))
        try await outbound.write(.body(body))
        try await outbound.write(.end(nil))
    }
}

extension HTTPRequest {
    /// Whether the client sends its content only when it is told to (RFC 9110 section 10.1.1); one that has none does not wait.
    fileprivate var waitsForContinue: Bool {
        guard headerFields[.expect]?.lowercased() == "100-continue" else { return false }
        return headerFields[.transferEncoding] != nil || headerFields[.contentLength].flatMap { Int($0) } ?? 0 > 0
    }
}

/// The answer to a request that is no HTTP, or has headers beyond a limit, in the form of the API that it was sent to.
public typealias ParserRefusal = @Sendable (ParserFailure) -> (HTTPResponse, ByteBuffer)

public enum ParserFailure: Sendable {
    case headersTooLarge
    case malformed

    /// In the form of this API.
    static let json: ParserRefusal = { failure in
        let answer =
            switch failure {
            case .headersTooLarge:
                APIError(
                    .requestHeaderFieldsTooLarge, code: "headers_too_large",
                    detail: "The request's headers are larger than this server accepts.")
            case .malformed: APIError(.badRequest, code: "malformed_request", detail: "The request is not valid HTTP.")
            }
        return (answer.response().head, ByteBuffer(string: answer.jsonBody))
    }
}

extension HTTPServerBuilder {
    /// The HTTP/1.1 server of this API.
    ///
    /// - Parameters:
    ///   - ready: knows answers that need nobody to be asked.
    ///   - metrics: where those are counted.
    ///   - serverName: what they say in their Server field.
    ///   - refusal: how requests that are no HTTP are answered; nil: as this API answers errors.
    public static func api(
        limits: HTTPConnectionLimits, ready: (any ReadyAnswers)? = nil, metrics: MetricsRegistry = MetricsRegistry(),
        serverName: String = "agrovet", refusal: ParserRefusal? = nil
    ) -> HTTPServerBuilder {
        let ready = ReadyDelivery(answers: ready, ledger: RequestLedger(metrics: metrics), serverName: serverName)
        return HTTPServerBuilder { responder in
            HTTPConnection(responder: responder, limits: limits, ready: ready, refusal: refusal ?? ParserFailure.json)
        }
    }
}
