import CMD5
import Dispatch
import NIOCore
import Synchronization

/// Computes the MD5 of many bodies beside each other: whoever has bytes at the same time shares the lanes of a vector, so that sixteen
/// cost little more than one. While one round is computed the next gathers; nobody waits for company.
public final class MD5Lanes: Sendable {
    /// Fewer bytes than this are not worth the way to another thread.
    static let leastBytes = 32 * 1024

    /// Of this process.
    public static let shared = MD5Lanes()

    private struct Job: Sendable {
        let bytes: ByteBuffer
        let blocks: Int
        let state: cmd5_state
        let done: CheckedContinuation<cmd5_state, Never>
    }

    private struct Queue {
        var jobs: [Job] = []
        /// Rounds that are being computed.
        var running = 0
    }

    private let queue = Mutex(Queue())
    private let width = cmd5_lanes()
    private let threads = DispatchQueue(label: "md5", attributes: .concurrent)
    private let mostRunning: Int

    /// - Parameter cores: of the machine; a quarter of them computes at the most.
    init(cores: Int = System.coreCount) { mostRunning = max(1, cores / 4) }

    /// Takes whole blocks of 64 bytes into a state.
    func take(_ bytes: ByteBuffer, blocks: Int, into state: cmd5_state) async -> cmd5_state {
        guard blocks > 0 else { return state }
        return await withCheckedContinuation { done in
            let starts = queue.withLock { queue in
                queue.jobs.append(Job(bytes: bytes, blocks: blocks, state: state, done: done))
                guard queue.running < mostRunning else { return false }
                queue.running += 1
                return true
            }
            if starts { threads.async { self.work() } }
        }
    }

    private func work() {
        while true {
            let round = queue.withLock { queue -> [Job] in
                let count = min(width, queue.jobs.count)
                if count == 0 { queue.running -= 1 }
                let round = Array(queue.jobs.prefix(count))
                queue.jobs.removeFirst(count)
                return round
            }
            guard !round.isEmpty else { return }
            let states = Self.compute(round[...], [])
            for (job, state) in zip(round, states) { job.done.resume(returning: state) }
        }
    }

    /// - Parameter pointers: to the bytes of the jobs that came before `jobs`; those of all stay where they are until this returns.
    private static func compute(_ jobs: ArraySlice<Job>, _ known: [(job: Job, bytes: UnsafePointer<UInt8>)]) -> [cmd5_state] {
        guard let job = jobs.first else { return run(known) }
        return job.bytes.withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress else { preconditionFailure("bytes of whole blocks") }
            return compute(jobs.dropFirst(), known + [(job, base.assumingMemoryBound(to: UInt8.self))])
        }
    }

    /// All as far as the shortest reaches, then those that are left.
    private static func run(_ jobs: [(job: Job, bytes: UnsafePointer<UInt8>)]) -> [cmd5_state] {
        var states = jobs.map(\.job.state)
        var done = 0
        while true {
            let left = jobs.indices.filter { jobs[$0].job.blocks > done }
            guard let shortest = left.map({ jobs[$0].job.blocks }).min() else { return states }
            var some = left.map { states[$0] }
            let data: [UnsafePointer<UInt8>?] = left.map { jobs[$0].bytes + done * MD5Digest.blockSize }
            cmd5_update(&some, data, left.count, shortest - done)
            for (index, state) in zip(left, some) { states[index] = state }
            done = shortest
        }
    }
}
