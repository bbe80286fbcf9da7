import Dispatch
import Foundation
import Synchronization

/// Tells when another process has moved the end of a topic. With inotify(7): nothing is done as long as nothing happens.
final class LogWatch: Sendable {
    /// Handlers by watch descriptor.
    private let handlers: Handlers
    private let descriptor: Int32
    /// Made once; nothing is done with it afterwards but that it is cancelled.
    private nonisolated(unsafe) let source: any DispatchSourceRead

    private final class Handlers: Sendable {
        let table = Mutex<[Int32: @Sendable () -> Void]>([:])
    }

    /// Nil where the system has no inotify, or none left for this user.
    init?() {
        #if os(Linux)
            descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
            guard descriptor >= 0 else { return nil }
            let (descriptor, handlers) = (descriptor, Handlers())
            self.handlers = handlers
            source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global(qos: .userInitiated))
            source.setEventHandler { Self.hear(descriptor, handlers) }
            source.setCancelHandler { close(descriptor) }
            source.resume()
        #else
            return nil
        #endif
    }

    deinit { source.cancel() }

    /// - Returns: false where the file cannot be watched.
    func add(_ path: String, _ handler: @escaping @Sendable () -> Void) -> Bool {
        #if os(Linux)
            let watch = inotify_add_watch(descriptor, path, UInt32(IN_MODIFY))
            guard watch >= 0 else { return false }
            handlers.table.withLock { $0[watch] = handler }
            return true
        #else
            return false
        #endif
    }

    #if os(Linux)
        private static func hear(_ descriptor: Int32, _ handlers: Handlers) {
            var heard: Set<Int32> = []
            var overflowed = false
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                guard count > 0 else { break }
                buffer.withUnsafeBytes { bytes in
                    var at = 0
                    while at + MemoryLayout<inotify_event>.size <= count {
                        let event = bytes.loadUnaligned(fromByteOffset: at, as: inotify_event.self)
                        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { overflowed = true } else { heard.insert(event.wd) }
                        at += MemoryLayout<inotify_event>.size + Int(event.len)
                    }
                }
            }
            let table = handlers.table.withLock { $0 }
            for (watch, handler) in table where overflowed || heard.contains(watch) { handler() }
        }
    #endif
}
