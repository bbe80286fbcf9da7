import Hummingbird
import NIOCore
import NIOHTTPTypes

/// The body of one request as it comes off the connection. Nothing is read before the handler asks, and a client that
/// waits for `100 Continue` (RFC 9110 section 10.1.1) hears it at that moment, so a refused upload is never sent.
///
/// Unchecked: the inbound iterator is not Sendable, but it is never used from two tasks at once. The connection loop
/// hands it to the one handler of the request, and touches it again only after that handler has returned.
final class RequestBodyStream: AsyncSequence, @unchecked Sendable {
    typealias Element = ByteBuffer
    typealias Inbound = NIOAsyncChannelInboundStream<HTTPRequestPart>.AsyncIterator

    private var inbound: Inbound
    private let outbound: NIOAsyncChannelOutboundWriter<HTTPResponsePart>
    private var owesContinue: Bool
    /// The end of the body was read.
    private(set) var isComplete = false

    init(inbound: Inbound, outbound: NIOAsyncChannelOutboundWriter<HTTPResponsePart>, expectsContinue: Bool) {
        self.inbound = inbound
        self.outbound = outbound
        owesContinue = expectsContinue
    }

    struct Iterator: AsyncIteratorProtocol {
        let stream: RequestBodyStream
        mutating func next() async throws -> ByteBuffer? { try await stream.next() }
    }

    func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    /// - Throws: `IncompleteBody` where the connection ends before the body does.
    fileprivate func next() async throws -> ByteBuffer? {
        if isComplete { return nil }
        if owesContinue {
            owesContinue = false
            try await outbound.write(.head(HTTPResponse(status: .continue)))
        }
        guard let part = try await inbound.next() else { throw IncompleteBody() }
        switch part {
        case .body(let bytes): return bytes
        case .end:
            isComplete = true
            return nil
        case .head: throw IncompleteBody()
        }
    }

    /// Reads and drops what is left, at most `limit` bytes; whether the body's end was reached. A client that still waits
    /// for `100 Continue` has nothing to send.
    func drain(limit: Int) async throws -> Bool {
        if owesContinue { return false }
        var dropped = 0
        while !isComplete {
            guard let part = try await inbound.next() else { return false }
            switch part {
            case .body(let bytes):
                dropped += bytes.readableBytes
                if dropped > limit { return false }
            case .end: isComplete = true
            case .head: return false
            }
        }
        return true
    }

    /// The head of the next request; nil at the connection's end. To be called when this request's body is complete.
    func nextHead() async throws -> HTTPRequest? {
        guard let part = try await inbound.next() else { return nil }
        guard case .head(let head) = part else { throw IncompleteBody() }
        return head
    }

    /// Hands the connection's iterator on to the next request's stream.
    func takeInbound() -> Inbound { inbound }
}
