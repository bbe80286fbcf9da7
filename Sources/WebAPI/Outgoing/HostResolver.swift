import Foundation
import NIOPosix
import Synchronization

/// Asks the system what addresses a host has. Whatever notation of an address the system understands (decimal, octal,
/// hexadecimal, parts left out) comes out as the address that it means.
package enum HostResolver {
    /// At most this many are looked at.
    private static let limit = 16

    /// Resolving blocks, for as long as a name server likes: not on threads that others need.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 8)
        pool.start()
        return pool
    }()

    private typealias Waiter = Mutex<CheckedContinuation<[IPAddress], any Error>?>

    /// Ends with the task, though the system's own question goes on.
    /// - Returns: none where the host has no address.
    /// - Throws: `CancellationError`.
    package static func addresses(of host: String) async throws -> [IPAddress] {
        if let address = IPAddress(host) { return [address] }
        let waiter = Waiter(nil)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiter.withLock { $0 = continuation }
                if Task.isCancelled { waiter.resume(.failure(CancellationError())) }
                threads.submit { _ in
                    // Whoever gave up while the question waited for a thread costs the others behind it nothing.
                    if waiter.withLock({ $0 != nil }) { waiter.resume(.success(ask(host))) }
                }
            }
        } onCancel: {
            waiter.resume(.failure(CancellationError()))
        }
    }

    private static func ask(_ host: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if os(Linux)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var next = list
        while let entry = next?.pointee, found.count < limit {
            next = entry.ai_next
            guard let raw = entry.ai_addr else { continue }
            switch entry.ai_family {
            case AF_INET:
                let address = UnsafeRawPointer(raw).loadUnaligned(as: sockaddr_in.self).sin_addr
                found.append(IPAddress(bytes: withUnsafeBytes(of: address) { Array($0) }))
            case AF_INET6:
                let address = UnsafeRawPointer(raw).loadUnaligned(as: sockaddr_in6.self).sin6_addr
                found.append(IPAddress(bytes: withUnsafeBytes(of: address) { Array($0) }))
            default: break
            }
        }
        return found
    }
}

extension Mutex<CheckedContinuation<[IPAddress], any Error>?> {
    /// The first answer counts.
    fileprivate borrowing func resume(_ result: Result<[IPAddress], any Error>) {
        let continuation = withLock { value in
            defer { value = nil }
            return value
        }
        continuation?.resume(with: result)
    }
}
