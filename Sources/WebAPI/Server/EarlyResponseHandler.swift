import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTPTypes

/// Watches one connection for answers that leave before the request has wholly come: such an answer says
/// `Connection: close`, because what the client still sends cannot be told from a next request for long.
final class EarlyResponseHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var openRequests = 0
    private let mustClose: NIOLockedValueBox<Bool>

    /// - Parameter mustClose: set when the connection has to be closed behind an answer.
    init(mustClose: NIOLockedValueBox<Bool>) {
        self.mustClose = mustClose
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: openRequests += 1
        case .end: openRequests -= 1
        case .body: break
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data), head.status.kind != .informational else {
            context.write(data, promise: promise)
            return
        }
        if openRequests > 0 {
            head.headerFields[.connection] = "close"
        }
        if head.headerFields[.connection] == "close" { mustClose.withLockedValue { $0 = true } }
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
