import Foundation

/// A TCP connection to this machine, for requests that no proper client would send. Blocking, with a time limit.
public struct RawSocket: Sendable {
    private let descriptor: Int32

    public init(port: Int, timeout: Int = 60) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // A child of another test must not keep the connection open.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard status == 0 else { throw AgrovetProcess.Failure(description: "connect: \(String(cString: strerror(errno)))") }
    }

    public func send(_ text: String) throws { try send(Data(text.utf8)) }

    public func send(_ data: Data) throws {
        var bytes = Array(data)[...]
        while !bytes.isEmpty {
            let sent = bytes.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { throw AgrovetProcess.Failure(description: "send: \(String(cString: strerror(errno)))") }
            bytes = bytes.dropFirst(sent)
        }
    }

    /// What came until `mark` was seen or the connection ended.
    public func receive(until mark: String) throws -> String {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received += buffer[..<count]
            if String(decoding: received, as: UTF8.self).contains(mark) { break }
        }
        return String(decoding: received, as: UTF8.self)
    }

    /// The next `count` bytes, or what came before the connection's end.
    public func receive(bytes count: Int) -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while received.count < count {
            let got = recv(descriptor, &buffer, min(buffer.count, count - received.count), 0)
            guard got > 0 else { break }
            received += buffer[..<got]
        }
        return received
    }

    /// One answer: its head and, by its Content-Length, its content. For an answer to GET.
    public func receiveAnswer(hasContent: Bool = true) -> (head: String, content: [UInt8]) {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
            let next = receive(bytes: 1)
            if next.isEmpty { break }
            head += next
        }
        let text = String(decoding: head, as: UTF8.self)
        let length = text.lowercased().firstMatch(of: /\r\ncontent-length: (\d+)/).flatMap { Int($0.output.1) } ?? 0
        return (text, hasContent ? receive(bytes: length) : [])
    }

    /// Says that nothing more will be sent.
    public func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    public func close() { Foundation.close(descriptor) }

    /// Ends it as a client that is gone does: whatever is on its way is lost (RST).
    public func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Foundation.linger>.size))
        close()
    }
}
