import Foundation

/// Starts the process that tries a target, and keeps the input that ends it or holds it up.
struct FuzzSupervisor {
    let target: String
    let seed: UInt64
    let seconds: Int

    /// Seconds that one input may take.
    private static let patience = 30

    /// - Returns: false where an input was found that the target cannot bear.
    func run() async throws -> Bool {
        let folder = FileManager.default.temporaryDirectory.path + "/agrovet-fuzz-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let journal = try FuzzJournal(path: folder + "/journal")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--child", target, "\(seed)", "\(seconds)", folder + "/journal"]
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        process.standardError = FileHandle.nullDevice
        try process.run()
        var last = (round: -1, since: ContinuousClock.now)
        var isHung = false
        while process.isRunning {
            try await Task.sleep(for: .milliseconds(100))
            if journal.round != last.round { last = (journal.round, .now) }
            if last.since.duration(to: .now) > .seconds(Self.patience) {
                isHung = true
                kill(process.processIdentifier, SIGKILL)
                break
            }
        }
        process.waitUntilExit()
        if journal.hasEnded, process.terminationStatus == 0 {
            print("\(target): \(journal.round) inputs, \(journal.kinds) kinds of outcome, seed \(seed)")
            return true
        }
        let kept = try keep(journal.input, round: journal.round)
        let cause =
            isHung
            ? "takes more than \(Self.patience) s"
            : journal.reason.isEmpty ? "ends the process (\(process.terminationStatus))" : journal.reason
        print("\(target): FOUND after \(journal.round) inputs, seed \(seed): \(cause)")
        print("  kept as \(kept); again with: swift run -c release Fuzz --reproduce \(target) \(kept)")
        return false
    }

    private func keep(_ input: Data, round: Int) throws -> String {
        let folder = FileManager.default.currentDirectoryPath + "/.build/fuzz"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/\(target)-\(seed)-\(round)"
        try input.write(to: URL(fileURLWithPath: path))
        return path
    }
}
