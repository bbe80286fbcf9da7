import Codecs
import Foundation
import MediaPipeline
import TestSupport
import Testing

/// Workers that do what only one would that a file has taken over: they cost their job and nothing more.
@Suite struct TakenOverWorkerTests {
    private func failure(_ script: String, workers: Int = 1) async throws -> [CodecError?] {
        var settings = PipelineSettings()
        settings.workers = workers
        let pipeline = MediaPipeline(
            settings: settings, isolation: CodecIsolation(executable: "/bin/bash", arguments: ["-c", script], timeout: 60))
        defer { pipeline.close() }
        var failures: [CodecError?] = []
        // More than there are workers: each has to be gone before the next comes.
        for _ in 0...workers {
            do {
                _ = try await pipeline.vet(path: Executables.sample("photo.jpg"))
                failures.append(nil)
            } catch let error as CodecError { failures.append(error) }
        }
        return failures
    }

    @Test(arguments: [
        // A message of 4 GB; one that is no JSON; progress of what has none, for ever.
        #"printf '\377\377\377\377' >&3"#, #"printf '\002\000\000\000{}' >&3"#,
        #"while printf '\031\000\000\000{"progress":{"_0":0.500}}' >&3; do :; done"#,
        // Its connection is closed, and it lives on.
        "exec 3>&-",
    ])
    func endsWithItsJob(_ script: String) async throws {
        #expect(try await failure(script + "; exec sleep 1000") == [.crashed, .crashed])
    }
}
