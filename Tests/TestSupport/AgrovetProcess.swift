import Foundation

/// A real `agrovet serve` on a free port with a data folder of its own.
public final class AgrovetProcess: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
        public init(description: String) { self.description = description }
    }

    /// Such as `http://127.0.0.1:43211`.
    public let baseURL: String
    /// The address that was printed: it opens the page signed in, once.
    public let consoleURL: String
    /// The S3 endpoint, such as `http://127.0.0.1:43212`; empty where the server was started without.
    public let s3URL: String
    public let dataFolder: String
    public let processID: pid_t
    private let folder: TemporaryFolder?
    private let logPath: String

    /// The API token of the data folder.
    public var token: String {
        let text = (try? String(contentsOfFile: dataFolder + "/keys/api-token", encoding: .utf8)) ?? ""
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A new access key of an S3 user, who is made where there is none of that name.
    public func addS3Key(user: String) async throws -> S3KeyPair {
        let result = try await ChildProcess.run(Executables.agrovet, ["s3", "key", "add", "--data", dataFolder, "--user", user])
        guard result.status == 0 else { throw Failure(description: "agrovet s3 key add: \(result.errors)") }
        return S3KeyPair(lines: result.output)
    }

    /// The access key that was made at the first start, and may do everything.
    public var s3RootKey: S3KeyPair {
        S3KeyPair(lines: (try? String(contentsOfFile: dataFolder + "/keys/s3-root-key", encoding: .utf8)) ?? "")
    }

    /// What the server has logged so far: JSON lines.
    public var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    /// Lines of it that warn or worse: why a request was refused, where a test did not expect that.
    public var troubles: String {
        log.split(separator: "\n").filter { $0.contains(#""level":"warning""#) || $0.contains(#""level":"error""#) }.suffix(20)
            .joined(separator: "\n")
    }

    private init(
        baseURL: String, consoleURL: String, s3URL: String, dataFolder: String, processID: pid_t, folder: TemporaryFolder?, logPath: String
    ) {
        self.baseURL = baseURL
        self.consoleURL = consoleURL
        self.s3URL = s3URL
        self.dataFolder = dataFolder
        self.processID = processID
        self.folder = folder
        self.logPath = logPath
        PublishedEvents.watch(dataFolder)
    }

    // The folder goes behind this.
    deinit { PublishedEvents.check(dataFolder) }

    /// Beside other tests a video would wait for ever, and a health check longer than anybody's patience with a healthy server.
    private static let usualEnvironment = [
        "AGROVET_VIDEO_NICENESS": "0", "AGROVET_HEALTH_PATIENCE": "100s", "AGROVET_WAIT_LIMIT": "120s",
    ]

    /// Starts the server and returns when it answers.
    ///
    /// - Parameters:
    ///   - dataFolder: an existing folder to go on with; nil for a new one that goes with the server.
    ///   - arguments: further arguments of `agrovet serve`.
    ///   - openFiles: limits on its open files, as `ulimit` takes them: soft and hard.
    public static func start(
        arguments: [String] = [], environment: [String: String] = [:], dataFolder: String? = nil,
        openFiles: (soft: Int, hard: Int)? = nil
    ) async throws -> AgrovetProcess {
        let folder = dataFolder == nil ? try TemporaryFolder() : nil
        let data = dataFolder ?? folder!.path + "/storage"
        let run = UUID().uuidString
        let output = FileManager.default.temporaryDirectory.path + "/agrovet-test-\(run).out"
        let log = FileManager.default.temporaryDirectory.path + "/agrovet-test-\(run).log"
        var command = [Executables.agrovet, "serve", "--port", "0", "--s3-port", "0", "--data", data] + arguments
        if let openFiles {
            let limits = "ulimit -n \(openFiles.hard) && ulimit -Sn \(openFiles.soft)"
            command = ["/bin/sh", "-c", limits + #" && exec "$0" "$@""#] + command
        }
        let child = try ChildProcess(
            command[0], Array(command.dropFirst()),
            environment: usualEnvironment.merging(environment) { $1 }, output: output, errors: log)
        defer { unlink(output) }
        let deadline = ContinuousClock.now + Patience.usual
        let servesS3 = !arguments.contains("s3=false") && environment["AGROVET_S3"] != "false"
        while ContinuousClock.now < deadline {
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            func printed(behind mark: String) -> String? {
                guard let start = text.range(of: mark), let end = text[start.upperBound...].firstIndex(of: "\n") else { return nil }
                return String(text[start.upperBound..<end])
            }
            let s3 = printed(behind: "S3 endpoint: ")
            if let console = printed(behind: "Open "), s3 != nil || !servesS3 {
                let base = console.prefix { $0 != "#" }.dropLast()
                return AgrovetProcess(
                    baseURL: String(base), consoleURL: console, s3URL: s3 ?? "", dataFolder: data, processID: child.processID,
                    folder: folder, logPath: log)
            }
            if child.hasExited { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        child.kill(SIGKILL)
        throw Failure(description: "agrovet serve did not start: \((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")")
    }

    /// SIGTERM; returns the exit status when the process has ended. A server that does not end is killed and -1 returned.
    @discardableResult
    public func stop() async -> Int32 {
        let status = await ChildProcess.end(processID, with: SIGTERM, within: Patience.usual)
        unlink(logPath)
        await PublishedEvents.checked(dataFolder)
        return status
    }

    /// SIGKILL: what a crash looks like.
    public func kill() async {
        _ = await ChildProcess.end(processID, with: SIGKILL, within: .seconds(30))
    }

    /// Peak resident memory in bytes so far.
    public var peakMemory: Int {
        let status = (try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    /// Files that are open in the process.
    public var openFileCount: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/fd").count) ?? 0
    }

    /// What the process has open: paths of files, such as `socket:[81]` for what is none.
    public var openFiles: [String] {
        let folder = "/proc/\(processID)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + $0) }
    }

    /// Names of the files in the folder of unfinished uploads.
    public var temporaryFiles: [String] {
        (try? FileManager.default.subpathsOfDirectory(atPath: dataFolder + "/tmp")) ?? []
    }

    /// The same, once nothing has come and gone for a while: work that a request began may go on behind its answer.
    public func lastingTemporaryFiles(atMost limit: Duration = Patience.usual) async throws -> [String] {
        let deadline = ContinuousClock.now + limit
        var emptyInRow = 0
        while emptyInRow < 10, ContinuousClock.now < deadline {
            emptyInRow = temporaryFiles.isEmpty ? emptyInRow + 1 : 0
            try await Task.sleep(for: .milliseconds(50))
        }
        return emptyInRow > 0 ? [] : temporaryFiles
    }
}
