import Logging
import NIOCore

/// Closes a connection whose client takes nothing of its answer for too long. Stands next to the socket: it goes by the bytes
/// that left, whoever wrote them, in memory or in a file.
final class SendTimeoutHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let interval: TimeAmount
    private let logger: Logger
    private var written = 0
    /// What had left at the last look, if anything waited then.
    private var seen: Int?
    private var isLooking = false

    /// - Parameter timeout: without a byte leaving; the connection is closed at most half of it later.
    init(timeout: Duration, logger: Logger) {
        interval = TimeAmount(timeout / 2)
        self.logger = logger
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        written &+= unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        if !isLooking { look(context) }
    }

    /// Looks twice in the time there is; no timer for each answer, but one for a connection that answers.
    private func look(_ context: ChannelHandlerContext, stillFor looks: Int = 0) {
        isLooking = true
        seen = written &- Self.unsentBytes(context.channel)
        context.eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: interval) {
            guard context.channel.isActive else { return }
            let unsent = Self.unsentBytes(context.channel)
            guard unsent > 0 else {
                self.isLooking = false
                return
            }
            let stoodStill = self.written &- unsent == self.seen
            if stoodStill, looks >= 1 {
                self.logger.debug("a client does not read its answer", metadata: ["unsent_bytes": "\(unsent)"])
                context.close(promise: nil)
            } else {
                self.look(context, stillFor: stoodStill ? looks + 1 : 0)
            }
        }
    }

    /// Bytes that were written and have not left.
    static func unsentBytes(_ channel: any Channel) -> Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}
