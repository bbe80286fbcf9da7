import Foundation
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1

/// Stands before Hummingbird's part of a connection and gives the answers that are ready at once, without a task, an actor or
/// another thread. All other requests pass. Answers keep the order of their requests: while one is under way behind this
/// handler, those that follow it go the same way. Files that those behind it posted (`FileOutbox`) are sent here.
///
/// It also closes a connection on which no request is made, since it is the only one to see them all.
final class ReadyAnswerHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let answers: (any ReadyAnswers)?
    private let outbox: FileOutbox
    private let ledger: RequestLedger
    private let serverName: String
    private let logger: Logger
    private var idle: IdleClock

    /// The place behind the encoder: what is written there is on the wire as it is.
    private var wire: ChannelHandlerContext?
    private var remote: String?
    /// Requests handed on whose answers have not been written.
    private var underWay = 0
    /// The request whose parts are coming was answered here.
    private var isAnswered = false
    private var owesFlush = false
    /// The server shuts down.
    private var isQuiescing = false
    private var dateField: (second: Int, text: String) = (-1, "")

    /// - Parameter outbox: where those behind this handler post files that are to be sent with their answers.
    init(
        answers: (any ReadyAnswers)?, outbox: FileOutbox, ledger: RequestLedger, serverName: String, idleTimeout: Duration, logger: Logger
    ) {
        self.answers = answers
        self.outbox = outbox
        self.ledger = ledger
        self.serverName = serverName
        self.logger = logger
        idle = IdleClock(timeout: TimeAmount(idleTimeout), now: .now())
    }

    func handlerAdded(context: ChannelHandlerContext) {
        wire = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
        remote = context.remoteAddress?.ipAddress
        scheduleIdleCheck(context, at: idle.deadline)
    }

    func handlerRemoved(context: ChannelHandlerContext) { wire = nil }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(var head):
            isAnswered = answer(head, since: .now, context)
            if isAnswered {
                idle.partComes(.now())
                return
            }
            idle.requestBegins(.now())
            guard Self.namesItsHost(head) else {
                isAnswered = true
                return context.fireErrorCaught(HTTPParserError.invalidHeaderToken)
            }
            underWay += 1
            // Those behind are not told the version, and look for one word.
            if !head.isKeepAlive { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body:
            if isAnswered { return }
            idle.partComes(.now())
        case .end:
            if isAnswered { return }
            idle.requestEnds(.now())
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if owesFlush {
            owesFlush = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            guard let number = head.headers.first(name: FileOutbox.field.rawName) else { break }
            head.headers.remove(name: FileOutbox.field.rawName)
            guard let posted = outbox.take(number) else {
                // Nothing was sent yet: the client sees that there is no answer, never a short one.
                promise?.fail(ChannelError.ioOnClosedChannel)
                context.close(promise: nil)
                return
            }
            let file = posted.file.region(posted.range, on: context.eventLoop)
            context.write(wrapOutboundOut(.head(head)), promise: promise)
            context.write(wrapOutboundOut(.body(.fileRegion(file.region))), promise: file.sent)
            return
        case .body: break
        case .end:
            underWay = max(0, underWay - 1)
            idle.answerEnds(.now())
        }
        context.write(data, promise: promise)
    }

    /// Once, as a request of HTTP/1.1 has to (RFC 9112 section 3.2); one of HTTP/1.0 need not.
    private static func namesItsHost(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers[canonicalForm: "host"].count
        return hosts == 1 || (hosts == 0 && head.version == .http1_0)
    }

    // MARK: Answers

    private func answer(_ head: HTTPRequestHead, since start: ContinuousClock.Instant, _ context: ChannelHandlerContext) -> Bool {
        // A client that does not read its answers is held up behind this handler, where there is a limit to what waits.
        guard let answers, let wire, underWay == 0, context.channel.isWritable, let request = ReadyRequest(head, remote: remote),
            let reply = answers.reply(to: request)
        else { return false }
        let sent =
            switch reply {
            case .kept(let answer): send(answer, to: request, wire, context)
            case .made(let answer): send(answer, wire, context)
            }
        owesFlush = true
        ledger.note(
            RequestLedger.Entry(
                method: head.method.rawValue, route: sent.route, status: sent.status,
                path: head.uri.utf8.contains(UInt8(ascii: "?")) ? String(head.uri.prefix { $0 != "?" }) : head.uri,
                remote: remote, requestID: sent.requestID, elapsed: ContinuousClock.now - start, isReady: true),
            logger: logger)
        return true
    }

    /// What is noted of an answer.
    private typealias Sent = (route: String, status: Int, requestID: String)

    /// What is noted of it.
    private func send(
        _ answer: ReadyAnswer, to request: ReadyRequest, _ wire: ChannelHandlerContext, _ context: ChannelHandlerContext
    ) -> Sent {
        let selection = answer.validators.select(request.conditions, size: answer.size)
        let range = Self.range(selection, answer, request)
        let requestID = RequestID.usable(request.requestID) ?? RequestID.make()
        let (status, text) = self.head(answer, selection, requestID, context)
        guard let range, !range.isEmpty else {
            wire.write(NIOAny(IOData.byteBuffer(text)), promise: nil)
            return (answer.route, status, requestID)
        }
        switch answer.content {
        case .file(let file): send(text, file, range, wire, context)
        case .bytes(let bytes):
            wire.write(NIOAny(IOData.byteBuffer(text)), promise: nil)
            if let slice = bytes.getSlice(at: range.lowerBound, length: range.count) {
                wire.write(NIOAny(IOData.byteBuffer(slice)), promise: nil)
            }
        }
        return (answer.route, status, requestID)
    }

    /// A head and the file behind it.
    private func send(
        _ head: ByteBuffer, _ file: OpenFile, _ range: Range<Int>, _ wire: ChannelHandlerContext, _ context: ChannelHandlerContext
    ) {
        let file = file.region(range, on: context.eventLoop)
        wire.write(NIOAny(IOData.byteBuffer(head)), promise: nil)
        wire.write(NIOAny(IOData.fileRegion(file.region)), promise: file.sent)
    }

    /// What is noted of it.
    private func send(_ answer: MadeAnswer, _ wire: ChannelHandlerContext, _ context: ChannelHandlerContext) -> Sent {
        var text = context.channel.allocator.buffer(capacity: 1024)
        text.writeStaticString("HTTP/1.1 ")
        text.writeString(String(answer.status.code))
        text.writeStaticString(" ")
        text.writeString(answer.status.reasonPhrase)
        for field in answer.fields {
            text.writeStaticString("\r\n")
            text.writeString(field.name.rawName)
            text.writeStaticString(": ")
            text.writeString(field.value)
        }
        text.writeString(date())
        switch answer.content {
        case .file(let file, let range) where !range.isEmpty: send(text, file, range, wire, context)
        case .none, .file: wire.write(NIOAny(IOData.byteBuffer(text)), promise: nil)
        case .bytes(let bytes) where bytes.readableBytes <= Self.smallContent:
            text.writeImmutableBuffer(bytes)
            wire.write(NIOAny(IOData.byteBuffer(text)), promise: nil)
        case .bytes(let bytes):
            wire.write(NIOAny(IOData.byteBuffer(text)), promise: nil)
            wire.write(NIOAny(IOData.byteBuffer(bytes)), promise: nil)
        }
        return (answer.route, answer.status.code, answer.requestID)
    }

    /// Bytes of content that are copied behind the head rather than sent beside it.
    private static let smallContent = 2048

    /// The part of the content that is sent; nil for none.
    private static func range(_ selection: Selection, _ answer: ReadyAnswer, _ request: ReadyRequest) -> Range<Int>? {
        switch selection {
        case .whole: request.isHEAD ? nil : 0..<answer.size
        case .partial(let range): range
        case .notModified, .unsatisfiable, .preconditionFailed: nil
        }
    }

    private func head(
        _ answer: ReadyAnswer, _ selection: Selection, _ requestID: String, _ context: ChannelHandlerContext
    ) -> (status: Int, text: ByteBuffer) {
        var text = context.channel.allocator.buffer(capacity: answer.wholeHead.count + 320)
        let status: Int
        switch selection {
        case .whole:
            status = 200
            text.writeBytes(answer.wholeHead)
        case .partial(let range):
            status = 206
            text.writeStaticString("HTTP/1.1 206 Partial Content\r\n")
            text.writeBytes(answer.fields)
            text.writeBytes(answer.contentFields)
            text.writeString(
                "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(answer.size)\r\nContent-Length: \(range.count)\r\n")
            text.writeString(ReadyAnswer.headEnd)
        case .notModified:
            status = 304
            text.writeStaticString("HTTP/1.1 304 Not Modified\r\n")
            text.writeBytes(answer.fields)
            text.writeString(ReadyAnswer.headEnd)
        case .unsatisfiable, .preconditionFailed:
            // Requests with If-Match go the usual way, so only the first of the two is ever found here.
            status = 416
            text.writeStaticString("HTTP/1.1 416 Range Not Satisfiable\r\n")
            text.writeBytes(answer.refusalFields)
            text.writeString("Content-Range: bytes */\(answer.size)\r\nContent-Length: 0\r\n")
            text.writeString(ReadyAnswer.headEnd)
        }
        text.writeString(requestID)
        text.writeString(date())
        return (status, text)
    }

    /// The end of a head from its date on; made once a second.
    private func date() -> String {
        let second = Int(time(nil))
        if dateField.second != second {
            let date = HTTPDate.format(Date(timeIntervalSince1970: Double(second)))
            dateField = (second, "\r\nDate: \(date)\r\nServer: \(serverName)\r\n\r\n")
        }
        return dateField.text
    }

    // MARK: The connection's end

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        isQuiescing = true
        // Those behind do not know of an answer that was given here, or of a file that is still being sent: they hear of it
        // when that has left, or the connection would be closed in the middle of it.
        whenAllIsSent(context) { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard isQuiescing, mode == .all else { return context.close(mode: mode, promise: promise) }
        whenAllIsSent(context) { context.close(mode: mode, promise: promise) }
    }

    /// A client that takes nothing is let go by `SendTimeoutHandler`, so this ends.
    private func whenAllIsSent(_ context: ChannelHandlerContext, _ body: @escaping () -> Void) {
        guard context.channel.isActive, SendTimeoutHandler.unsentBytes(context.channel) > 0 else { return body() }
        context.eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: .milliseconds(50)) { self.whenAllIsSent(context, body) }
    }

    private func scheduleIdleCheck(_ context: ChannelHandlerContext, at deadline: NIODeadline) {
        context.eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(deadline: deadline) {
            guard context.channel.isActive else { return }
            // An answer that is not read is SendTimeoutHandler's.
            if self.idle.isOver(.now()), SendTimeoutHandler.unsentBytes(context.channel) == 0 {
                context.close(promise: nil)
            } else {
                self.scheduleIdleCheck(context, at: self.idle.nextLook(.now()))
            }
        }
    }
}
