import CIsolation
import Codecs
import Foundation
import Synchronization

/// How codec workers are started and bounded.
public struct CodecIsolation: Sendable {
    /// The program that becomes a worker, such as this one.
    public var executable: String
    /// What makes it one.
    public var arguments: [String]
    /// CPU seconds of one job.
    public var timeout: Int
    /// Seconds without a word from a worker, after which it is held to stand still; nil: four times `timeout`.
    public var stall: Int?
    /// How far a worker that writes a video steps back behind what somebody waits for: 0 to 19.
    public var niceness = 10

    public init(executable: String, arguments: [String], timeout: Int) {
        self.executable = executable
        self.arguments = arguments
        self.timeout = timeout
    }

    /// The same for workers whose files need these libraries.
    func loading(_ libraries: CodecLibraries.Late) -> CodecIsolation {
        libraries.isEmpty ? self : with(libraries, fileBytes: 0, niceness: 0, timeout: timeout, stall: stall)
    }

    /// The same for a worker that writes videos of so many bytes, tells how far it is, and steps back behind what somebody waits for.
    func writing(bytes: Int, timeout: Int, stall: Int) -> CodecIsolation {
        with(.video, fileBytes: bytes, niceness: niceness, timeout: timeout, stall: stall)
    }

    private func with(_ libraries: CodecLibraries.Late, fileBytes: Int, niceness: Int, timeout: Int, stall: Int?) -> CodecIsolation {
        // Without a limit on memory, where none is given.
        let start = arguments.count == 1 ? arguments + ["0"] : arguments
        var other = CodecIsolation(
            executable: executable, arguments: start + ["\(fileBytes)", "\(niceness)", "\(libraries.rawValue)"], timeout: timeout)
        other.stall = stall
        return other
    }

    /// Seconds that a worker may be silent.
    var patience: Int { stall ?? timeout * 4 }

    /// Jobs after which a worker is replaced, which bounds what a library may leak.
    static let jobsPerWorker = 500
}

/// One codec worker, seen from the server.
final class CodecProcess: Sendable {
    /// Why a worker did not answer.
    enum Death: Error, Sendable, Equatable {
        /// A signal that only others send: SIGKILL of an operator or of the kernel that ran out of memory, SIGTERM.
        case killed
        /// Its own fault, and so the file's.
        case crashed
        /// It used up its CPU time.
        case timedOut
        /// Nothing was heard of it for longer than it may be silent.
        case hung
    }

    private let processID: pid_t
    private let channel: WorkerChannel
    private let timeout: Int
    private struct State {
        var isReaped = false
        var jobs = 0
    }
    private let state = Mutex(State())

    /// Starts a worker with an empty environment, no signal blocked and no descriptor but its connection.
    init(_ isolation: CodecIsolation) throws {
        var pair: [Int32] = [-1, -1]
        let status = cisolation_socket_pair(&pair)
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EIO) }
        defer { close(pair[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, pair[1], CodecWorker.socket)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // A group of its own: Ctrl-C at the terminal is for the server, which ends its workers when they have finished.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        let arguments = ([isolation.executable] + isolation.arguments).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let spawned = posix_spawn(&child, isolation.executable, &actions, &attributes, arguments, [nil])
        guard spawned == 0 else {
            close(pair[0])
            throw POSIXError(POSIXErrorCode(rawValue: spawned) ?? .EIO)
        }
        processID = child
        channel = WorkerChannel(socket: pair[0])
        timeout = isolation.timeout
        channel.setTimeout(seconds: isolation.patience)
    }

    deinit {
        end()
        close(channel.socket)
    }

    /// Ends and reaps a worker that has nothing to do.
    func end() {
        state.withLock { state in
            guard !state.isReaped else { return }
            Foundation.kill(processID, SIGKILL)
            var status: Int32 = 0
            while waitpid(processID, &status, 0) < 0, errno == EINTR {}
            state.isReaped = true
        }
    }

    /// Whether it has done as much as a worker may.
    var isWornOut: Bool { state.withLock { $0.jobs >= CodecIsolation.jobsPerWorker } }

    /// Whether it still runs.
    var isAlive: Bool {
        state.withLock { state in
            guard !state.isReaped else { return false }
            var status: Int32 = 0
            state.isReaped = waitpid(processID, &status, WNOHANG) == processID
            return !state.isReaped
        }
    }

    /// Ends the worker at once; whoever waits for its answer hears `killed`.
    func kill() {
        // Under the lock: a process ID that has been reaped may be somebody else's.
        state.withLock { state in
            if !state.isReaped { Foundation.kill(processID, SIGKILL) }
        }
    }

    /// Asks and waits for the answer. Blocks.
    /// - Parameters:
    ///   - attachments: what else the job reads or writes.
    ///   - progress: gets the share done, where the task tells.
    /// - Throws: `Death`; the worker is gone then.
    func exchange(
        _ task: WorkerRequest.Task, settings: PipelineSettings, descriptor: Int32, attachments: [Int32] = [],
        progress: (Double) -> Void = { _ in }
    ) throws(Death) -> (WorkerReply, [[UInt8]]) {
        state.withLock { $0.jobs += 1 }
        do {
            try channel.send(WorkerRequest(task: task, settings: settings, seconds: timeout), descriptor: descriptor)
            for attachment in attachments { try channel.send(WorkerAttachment(), descriptor: attachment) }
            var none: Int32 = -1
            defer { if none >= 0 { close(none) } }
            var reply = try channel.receive(WorkerReply.self, descriptor: &none)
            while case .progress(let done) = reply {
                guard task.tellsProgress else { throw WorkerChannel.Failure.malformed }
                progress(done)
                reply = try channel.receive(WorkerReply.self, descriptor: &none)
            }
            var bytes: [[UInt8]] = []
            for part in reply.parts {
                guard (0...Self.largestRendition).contains(part.byteCount) else { throw WorkerChannel.Failure.malformed }
                bytes.append(try channel.receive(part.byteCount))
            }
            return (reply, bytes)
        } catch {
            throw bury(error as? WorkerChannel.Failure)
        }
    }

    /// A PNG of the largest preset that the settings allow has less.
    private static let largestRendition = 2_000_000_000

    /// Ends and reaps the worker, and tells what it died of.
    private func bury(_ failure: WorkerChannel.Failure?) -> Death {
        // One that closed its connection is about to end by itself; its own signal tells more than ours would.
        if failure == .closed, let death = ownDeath() { return death }
        end()
        return failure == .timedOut ? .hung : .crashed
    }

    /// How a worker ends by itself; nil where it lives on, as one may that has been taken over.
    private func ownDeath() -> Death? {
        let deadline = ContinuousClock.now + Self.ending
        while true {
            let death = state.withLock { state -> Death? in
                guard !state.isReaped else { return .killed }
                var status: Int32 = 0
                guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
                state.isReaped = true
                switch status & 0x7F {
                case SIGXCPU: return .timedOut
                case SIGKILL, SIGTERM, SIGINT, SIGHUP: return .killed
                default: return .crashed
                }
            }
            if let death { return death }
            guard ContinuousClock.now < deadline else { return nil }
            usleep(200)
        }
    }

    /// From the end of its connection to that of the process: the kernel takes back its memory in between.
    private static let ending = Duration.seconds(5)
}
