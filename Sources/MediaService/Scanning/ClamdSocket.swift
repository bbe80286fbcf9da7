import Foundation

/// A connection to clamd with one deadline for all that is done on it. Blocks its thread.
///
/// Plain sockets, because clamd answers a stream that is too long before its end and closes: what it said has to be read after
/// writing has failed, and a connection of NIO's would be gone by then.
final class ClamdSocket {
    enum Failure: Error, Sendable, CustomStringConvertible {
        case unreachable(String)
        case timeout
        /// The connection ended.
        case closed

        var description: String {
            switch self {
            case .unreachable(let reason): "cannot be reached: \(reason)"
            case .timeout: "did not answer in time"
            case .closed: "closed the connection"
            }
        }
    }

    private let descriptor: Int32
    private let deadline: ContinuousClock.Instant
    #if os(Linux)
        private static let stream = Int32(SOCK_STREAM.rawValue)
        private static let sendFlags = Int32(MSG_NOSIGNAL)
    #else
        private static let stream = SOCK_STREAM
        /// The program ignores SIGPIPE.
        private static let sendFlags: Int32 = 0
    #endif

    init(_ address: ClamdAddress, deadline: ContinuousClock.Instant) throws(Failure) {
        self.deadline = deadline
        switch address {
        case .unix(let path): descriptor = try Self.connect(unix: path, deadline)
        case .tcp(let host, let port): descriptor = try Self.connect(host, port, deadline)
        }
    }

    deinit { close(descriptor) }

    /// Sends all of the bytes.
    func send(_ bytes: [UInt8]) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Self.sendFlags) }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                try Self.wait(descriptor, POLLOUT, deadline)
            } else if errno != EINTR {
                throw .closed
            }
        }
    }

    /// The answer up to its closing zero, at most 4 KiB.
    func receive() throws(Failure) -> String {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while received.count < 4096 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 {
                received += buffer[..<count]
                if let end = received.firstIndex(of: 0) { return String(decoding: received[..<end], as: UTF8.self) }
            } else if count == 0 {
                break
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                try Self.wait(descriptor, POLLIN, deadline)
            } else if errno != EINTR {
                throw .closed
            }
        }
        throw .closed
    }

    // MARK: Connecting

    private static func connect(unix path: String, _ deadline: ContinuousClock.Instant) throws(Failure) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .unreachable("the socket's path is too long") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        var failure = ""
        let descriptor = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                open($0, socklen_t(MemoryLayout<sockaddr_un>.size), AF_UNIX, deadline, &failure)
            }
        }
        guard let descriptor else { throw .unreachable(failure) }
        return descriptor
    }

    private static func connect(_ host: String, _ port: UInt16, _ deadline: ContinuousClock.Instant) throws(Failure) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = stream
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, "\(port)", &hints, &list)
        guard status == 0 else { throw .unreachable(String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var failure = "no address"
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            if let descriptor = open(entry.ai_addr, entry.ai_addrlen, entry.ai_family, deadline, &failure) { return descriptor }
        }
        throw .unreachable(failure)
    }

    /// A connected socket that does not block; nil with the reason.
    private static func open(
        _ address: UnsafePointer<sockaddr>, _ length: socklen_t, _ family: Int32, _ deadline: ContinuousClock.Instant,
        _ failure: inout String
    ) -> Int32? {
        let descriptor = socket(family, stream, 0)
        guard descriptor >= 0 else {
            failure = String(cString: strerror(errno))
            return nil
        }
        // A codec worker must not inherit it.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        if Foundation.connect(descriptor, address, length) == 0 { return descriptor }
        var code = errno
        if code == EINPROGRESS {
            do throws(Failure) {
                try wait(descriptor, POLLOUT, deadline)
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
            } catch {
                code = ETIMEDOUT
            }
            if code == 0 { return descriptor }
        }
        failure = String(cString: strerror(code))
        close(descriptor)
        return nil
    }

    private static func wait(_ descriptor: Int32, _ events: Int32, _ deadline: ContinuousClock.Instant) throws(Failure) {
        while true {
            let left = (deadline - ContinuousClock.now) / .milliseconds(1)
            guard left > 0 else { throw .timeout }
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let status = poll(&entry, 1, Int32(min(left.rounded(.up), 60_000)))
            if status > 0 { return }
            if status < 0, errno != EINTR { throw .closed }
        }
    }
}
