import Foundation

/// The files that the process may have open, connections among them, and how many connections that is enough for. A process that has
/// none left cannot even look at its own threads, and ends.
struct OpenFiles: Sendable {
    /// What the process may have open.
    let limit: Int

    /// Databases, packs, logs, codec workers, connections to other servers.
    private static let reserve = 384
    /// A connection at work has the file open that it sends or writes.
    private static let perConnection = 2

    /// Raises the limit as far as the process may: 1024, where it stands on most systems, is for programs that hand descriptors to select().
    static func raised() -> OpenFiles {
        var limits = rlimit()
        guard getrlimit(resource, &limits) == 0 else { return OpenFiles(limit: .max) }
        if limits.rlim_cur < limits.rlim_max {
            var more = limits
            more.rlim_cur = limits.rlim_max
            if setrlimit(resource, &more) == 0 { limits = more }
        }
        return OpenFiles(limit: Int(clamping: limits.rlim_cur))
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Of a server that starts: it would end, or answer nothing, with fewer.
    private static let fewest = 256

    /// - Throws: `Failure` where the process may have too few.
    func requireEnough() throws(Failure) {
        guard limit < Self.fewest else { return }
        throw Failure(description: "the process may have only \(limit) files open at once; at least \(Self.fewest) are needed (ulimit -Hn)")
    }

    /// Connections at once that each listener may have: as many as are wanted, or fewer.
    func connections(wanted: Int, listeners: Int) -> Int {
        max(1, min(wanted, (limit - Self.reserve) / (listeners * Self.perConnection)))
    }

    #if os(Linux)
        private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let resource = RLIMIT_NOFILE
    #endif
}
