import CIsolation
import Foundation

/// One end of the connection between server and codec worker: messages of a length (4 bytes, little-endian) and JSON, and raw
/// bytes behind them. Blocks; used by one thread at a time.
struct WorkerChannel: Sendable {
    let socket: Int32

    enum Failure: Error, Sendable, Equatable {
        /// The other end is gone.
        case closed
        /// Nothing came within the time that was set.
        case timedOut
        /// What came is no message of ours.
        case malformed
    }

    /// More than any message has, so that a worker that has been taken over cannot make the server hold much.
    private static let longestMessage = 16 * 1024 * 1024

    /// How long a receive waits, and a send to one that takes nothing.
    func setTimeout(seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(socket, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    func send(_ message: some Encodable, descriptor: Int32 = -1) throws(Failure) {
        let encoder = JSONEncoder()
        // Base64 has many, which would make it twice as long.
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let json = try? encoder.encode(message), json.count <= Self.longestMessage else { throw .malformed }
        let length = UInt32(json.count)
        let frame = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: length >> $0) } + json
        try send(frame, descriptor: descriptor)
    }

    func send(_ bytes: [UInt8], descriptor: Int32 = -1) throws(Failure) {
        let status = bytes.withUnsafeBytes { cisolation_send(socket, $0.baseAddress, $0.count, descriptor) }
        guard status == 0 else { throw status == EAGAIN || status == EWOULDBLOCK ? .timedOut : .closed }
    }

    /// - Parameter descriptor: gets one that came along; the receiver closes it.
    func receive<Message: Decodable>(_ type: Message.Type, descriptor: inout Int32) throws(Failure) -> Message {
        let head = try receive(4, descriptor: &descriptor)
        let length = head.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        guard length <= Self.longestMessage else { throw .malformed }
        let json = try receive(length)
        guard let message = try? JSONDecoder().decode(type, from: Data(json)) else { throw .malformed }
        return message
    }

    func receive(_ count: Int) throws(Failure) -> [UInt8] {
        var none: Int32 = -1
        defer { if none >= 0 { close(none) } }
        return try receive(count, descriptor: &none)
    }

    private func receive(_ count: Int, descriptor: inout Int32) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var received = 0
        while received < count {
            var came: Int32 = -1
            let got = bytes.withUnsafeMutableBytes { cisolation_receive(socket, $0.baseAddress! + received, count - received, &came) }
            let code = errno
            if came >= 0 {
                if descriptor >= 0 { close(descriptor) }
                descriptor = came
            }
            guard got > 0 else { throw got < 0 && (code == EAGAIN || code == EWOULDBLOCK) ? .timedOut : .closed }
            received += got
        }
        return bytes
    }
}
