import Foundation

extension AgrovetProcess {
    /// The codec workers that write videos: those that may write files.
    public func videoWriters() async throws -> [pid_t] {
        let found = try await ChildProcess.run("pgrep", ["-P", "\(processID)", "-f", "codec-worker [0-9]+ [1-9][0-9]*"])
        return found.output.split(separator: "\n").compactMap { pid_t($0) }
    }

    /// The first of them, waited for.
    public func firstVideoWriter() async throws -> pid_t {
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline {
            if let writer = try await videoWriters().first { return writer }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Failure(description: "no video is written")
    }

    /// Stops each of them as soon as it is there, while something is done that would otherwise have to be quicker than a video is written.
    /// What they write goes on afterwards.
    public func holdingVideoWriters<Value>(_ body: () async throws -> Value) async throws -> Value {
        let stopper = Task {
            while !Task.isCancelled {
                for writer in try await videoWriters() { Foundation.kill(writer, SIGSTOP) }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        let result = await Result(catching: body)
        stopper.cancel()
        _ = await stopper.result
        for writer in try await videoWriters() { Foundation.kill(writer, SIGCONT) }
        return try result.get()
    }
}

extension Result where Failure == any Error {
    fileprivate init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
