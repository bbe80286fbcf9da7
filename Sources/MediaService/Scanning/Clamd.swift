import Foundation
import NIOPosix

/// A ClamAV daemon, asked by its own protocol (clamd(8)): commands beginning with `z` and ending with a zero byte.
public final class Clamd: Sendable {
    /// What clamd says of a file.
    package enum Verdict: Sendable, Equatable {
        case clean
        /// The signature's name.
        case infected(String)
        /// Longer than StreamMaxLength of clamd.conf.
        case tooLarge
    }

    package enum Failure: Error, Sendable, CustomStringConvertible {
        case unreadable(String)
        /// clamd said something else, such as an error of its own.
        case unexpected(String)

        package var description: String {
            switch self {
            case .unreadable(let reason): "the file cannot be read: \(reason)"
            case .unexpected(let answer): "said \"\(answer)\""
            }
        }
    }

    private let address: ClamdAddress
    private let timeout: Duration
    /// One thread a scan: as many at once as there are threads, more wait within their time.
    private let threads: NIOThreadPool
    private static let chunk = 128 * 1024

    /// - Parameters:
    ///   - timeout: for one scan, from being asked for to the answer.
    ///   - connections: scans at once.
    public init(_ address: ClamdAddress, timeout: Duration, connections: Int) {
        self.address = address
        self.timeout = timeout
        threads = NIOThreadPool(numberOfThreads: connections)
        threads.start()
    }

    /// Ends its threads when what they do has ended.
    public func close() { threads.shutdownGracefully { _ in } }

    /// Sends the file's bytes (`INSTREAM`: chunks, each behind its length as 32 bits in network order, the last of length 0).
    func scan(path: String) async throws -> Verdict {
        let deadline = ContinuousClock.now + timeout
        return try await threads.runIfActive { [address] in
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw Failure.unreadable(String(cString: strerror(errno))) }
            defer { Foundation.close(file) }
            let socket = try ClamdSocket(address, deadline: deadline)
            do throws(ClamdSocket.Failure) {
                try socket.send(Array("zINSTREAM\0".utf8))
                var frame = [UInt8](repeating: 0, count: 4 + Self.chunk)
                while let count = Self.fill(&frame, from: file) {
                    try socket.send(count < Self.chunk ? Array(frame[..<(4 + count)]) : frame)
                    if count == 0 { break }
                }
            } catch {
                // It may have closed after saying why.
                guard case .closed = error else { throw error }
            }
            return try Self.verdict(try socket.receive())
        }
    }

    /// The program's and the signatures' version, such as `ClamAV 1.4.3/27500/…`.
    public func version() async throws -> String {
        let deadline = ContinuousClock.now + min(timeout, .seconds(5))
        // Not behind the scans: whoever asks for health is not to wait for them.
        return try await NIOThreadPool.singleton.runIfActive { [address] in
            let socket = try ClamdSocket(address, deadline: deadline)
            try socket.send(Array("zVERSION\0".utf8))
            return try socket.receive()
        }
    }

    /// The next chunk behind its length; 0 at the file's end, nil where it cannot be read on.
    private static func fill(_ frame: inout [UInt8], from file: Int32) -> Int? {
        var count: Int
        repeat {
            count = frame.withUnsafeMutableBytes { read(file, $0.baseAddress! + 4, chunk) }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { return nil }
        for index in 0..<4 { frame[index] = UInt8(truncatingIfNeeded: count >> (24 - 8 * index)) }
        return count
    }

    /// `stream: OK`, `stream: NAME FOUND`, `INSTREAM size limit exceeded. ERROR`.
    package static func verdict(_ answer: String) throws(Failure) -> Verdict {
        if answer == "stream: OK" { return .clean }
        if answer.hasPrefix("stream: "), answer.hasSuffix(" FOUND") { return .infected(String(answer.dropFirst(8).dropLast(6))) }
        if answer.contains("size limit exceeded") { return .tooLarge }
        throw .unexpected(String(answer.prefix(200)))
    }
}
