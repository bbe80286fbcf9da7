import Foundation
import Synchronization

/// A child process with its output in files, so that nothing has to be read for it to go on. Children that a test leaves
/// behind are killed when the test process ends.
public struct ChildProcess: Sendable {
    public let processID: pid_t

    /// Each with the signal that it is ended by when the test process ends.
    private static let running = Mutex<[pid_t: Int32]>([:])
    /// Files and folders that go when the test process ends.
    private static let leftovers = Mutex<[String]>([])
    /// glibc's posix_spawn_file_actions_addclosefrom_np (2.34 and later), which Swift's module of glibc does not show.
    private static let closeFrom = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
        unsafeBitCast($0, to: (@convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32).self)
    }
    private static let cleaner: Void = {
        atexit {
            PublishedEvents.checkRemaining()
            let children = ChildProcess.running.withLock { $0 }
            for (child, signal) in children { _ = Foundation.kill(child, signal) }
            usleep(50_000)
            for child in children.keys { _ = Foundation.kill(child, SIGKILL) }
            for path in ChildProcess.leftovers.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
            // Behind the tests' own word: whoever started them hears of it.
            if PublishedEvents.hasFaults { _exit(1) }
        }
    }()

    /// - Parameters:
    ///   - folders: files and folders that go when this process ends.
    ///   - lastSignal: ends a child that runs when this process ends, before SIGKILL does.
    ///   - environment: added to this process's own; names beginning with AGROVET_ are not inherited.
    public init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], output: String = "/dev/null",
        errors: String = "/dev/null", folders: [String] = [], lastSignal: Int32 = SIGKILL
    ) throws {
        _ = Self.cleaner
        Self.leftovers.withLock { $0 += folders }
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("AGROVET_") }
        variables.merge(environment) { _, new in new }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // Files that another test has open at this moment, which would live as long as the child though they are removed.
        _ = Self.closeFrom?(&actions, STDERR_FILENO + 1)
        // Threads of the concurrency runtime block signals, and a child inherits that: it would not hear SIGTERM.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let arguments = ([executable] + arguments).map { strdup($0) } + [nil]
        let environment = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var child: pid_t = 0
        let status = posix_spawnp(&child, executable, &actions, &attributes, arguments, environment)
        guard status == 0 else { throw AgrovetProcess.Failure(description: "\(executable): \(String(cString: strerror(status)))") }
        processID = child
        Self.running.withLock { $0[child] = lastSignal }
    }

    /// Whether the process has ended; it is reaped then.
    public var hasExited: Bool { Self.reap(processID) != nil }

    public func kill(_ signal: Int32) { _ = Foundation.kill(processID, signal) }

    private static func reap(_ child: pid_t) -> Int32? {
        guard running.withLock({ $0[child] != nil }) else { return -1 }
        var status: Int32 = 0
        guard waitpid(child, &status, WNOHANG) == child else { return nil }
        running.withLock { $0[child] = nil }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }

    /// Waits for the end; its exit status, 128 + the signal that ended it, or -1 where it did not end in time.
    public func wait(atMost limit: Duration = .seconds(600)) async -> Int32 {
        await Self.end(processID, with: 0, within: limit)
    }

    /// The same for those who cannot suspend; -1 where it did not end within so many seconds, and was killed.
    func waitBlocking(atMost seconds: Int) -> Int32 {
        for _ in 0..<seconds * 200 {
            if let status = Self.reap(processID) { return status }
            usleep(5000)
        }
        kill(SIGKILL)
        return -1
    }

    static func end(_ child: pid_t, with signal: Int32, within limit: Duration) async -> Int32 {
        _ = Foundation.kill(child, signal)
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let status = reap(child) { return status }
            try? await Task.sleep(for: .milliseconds(10))
        }
        _ = Foundation.kill(child, SIGKILL)
        while reap(child) == nil { try? await Task.sleep(for: .milliseconds(10)) }
        return -1
    }

    /// Runs a program to its end.
    /// - Returns: exit status, standard output and standard error.
    public static func run(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], atMost limit: Duration = Patience.usual
    ) async throws -> (status: Int32, output: String, errors: String) {
        let base = FileManager.default.temporaryDirectory.path + "/agrovet-child-" + UUID().uuidString
        let (output, errors) = (base + ".out", base + ".err")
        defer {
            unlink(output)
            unlink(errors)
        }
        let child = try ChildProcess(executable, arguments, environment: environment, output: output, errors: errors)
        let status = await child.wait(atMost: limit)
        func text(_ path: String) -> String {
            (FileManager.default.contents(atPath: path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
        return (status, text(output), text(errors))
    }
}

/// Where things stand in a checkout.
public enum Executables {
    /// The `agrovet` that was built with the tests.
    public static var agrovet: String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? Bundle.main.bundlePath
        let beside = (tests as NSString).deletingLastPathComponent + "/agrovet"
        return FileManager.default.isExecutableFile(atPath: beside) ? beside : packageRoot + "/.build/release/agrovet"
    }

    /// Another executable that was built with the tests.
    public static func beside(_ name: String) -> String { (agrovet as NSString).deletingLastPathComponent + "/" + name }

    public static var packageRoot: String { URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized.path }

    /// A file of `samples/`.
    public static func sample(_ name: String) -> String { packageRoot + "/samples/" + name }
}
