import Foundation
import Synchronization
import TestSupport

/// Signals a server's codec workers again and again, from a thread of its own, which does not wait for its turn among the tests.
final class WorkerKiller: Sendable {
    private struct State {
        var isOver = false
        var rounds = 0
        var killed = 0
    }

    private let state = Mutex(State())

    /// - Parameter most: rounds that find a worker; others are not counted.
    init(_ server: AgrovetProcess, _ signal: Int32, every pause: Duration, rounds most: Int = .max) {
        Thread.detachNewThread { [self] in
            while strike(server, signal, rounds: most) { Thread.sleep(forTimeInterval: pause / .seconds(1)) }
        }
    }

    /// How many workers were signalled so far.
    var killed: Int { state.withLock { $0.killed } }

    /// Nothing is signalled after this.
    func stop() { state.withLock { $0.isOver = true } }

    /// False when it is over.
    private func strike(_ server: AgrovetProcess, _ signal: Int32, rounds most: Int) -> Bool {
        state.withLock { state in
            guard !state.isOver, state.rounds < most else { return false }
            let killed = server.workers.count { kill($0, signal) == 0 }
            state.rounds += killed > 0 ? 1 : 0
            state.killed += killed
            return true
        }
    }
}

/// Stops the first worker that writes a video as soon as it is there, and none that comes after it. To be begun before the video is
/// uploaded.
final class FirstVideoWriter: Sendable {
    private let found = Mutex<pid_t?>(nil)

    init(_ server: AgrovetProcess) {
        Thread.detachNewThread { [self] in
            let deadline = ContinuousClock.now + Patience.usual
            while ContinuousClock.now < deadline {
                if let writer = server.videoWriters.first {
                    kill(writer, SIGSTOP)
                    found.withLock { $0 = writer }
                    return
                }
                usleep(2000)
            }
        }
    }

    /// The one that was stopped, waited for.
    func stopped() async throws -> pid_t {
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline {
            if let writer = found.withLock({ $0 }) { return writer }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw AgrovetProcess.Failure(description: "no video is written")
    }
}
