import Dispatch
import NIOPosix

/// Threads that may block: readers never stand behind writers that wait for another process's lock.
struct LogThreads: Sendable {
    let readers = NIOThreadPool(numberOfThreads: 2)
    let writers = NIOThreadPool(numberOfThreads: 4)

    init() {
        readers.start()
        writers.start()
    }

    /// Lets the threads end, when what they do is done.
    func close() {
        for pool in [readers, writers] { pool.shutdownGracefully(queue: .global()) { _ in } }
    }
}
