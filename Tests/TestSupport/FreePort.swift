import Foundation
import Synchronization

/// Ports for servers that have to be told theirs before they start.
enum FreePort {
    /// Below those that the system hands out by itself (RFC 6335; Linux begins at 32768): whoever asks it for any port, or connects to
    /// somewhere, does not get one of these in between. Where two runs begin differs, so that they seldom meet.
    private static let range = 20_000..<32_000
    private static let next = Mutex(Int.random(in: range))

    /// A port that nobody listens on, and that nobody in this process has been given.
    static func take() throws -> Int {
        for _ in range {
            let port = next.withLock { next in
                next = range.contains(next + 1) ? next + 1 : range.lowerBound
                return next
            }
            if isFree(port) { return port }
        }
        throw AgrovetProcess.Failure(description: "no free port")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
