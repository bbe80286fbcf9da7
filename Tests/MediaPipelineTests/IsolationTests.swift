import Codecs
import Foundation
import Imaging
import MediaPipeline
import TestSupport
import Testing

/// Codec workers: the same results as in this process, and nothing that a file or an operator does to them goes further.
@Suite(.serialized) struct IsolationTests {
    private func pipeline(workers: Int = 2, timeout: Int = 60) -> MediaPipeline {
        var settings = PipelineSettings()
        settings.workers = workers
        return MediaPipeline(
            settings: settings, isolation: CodecIsolation(executable: Executables.agrovet, arguments: ["codec-worker"], timeout: timeout))
    }

    /// The workers of this process that run now.
    private static var workers: [pid_t] {
        // By its first two words: other tests have children whose commands name workers, too.
        let start = [Executables.agrovet, "codec-worker"]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { process in
            guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let command = FileManager.default.contents(atPath: "/proc/\(process)/cmdline")
            else { return false }
            let words = command.split(separator: 0).prefix(2).map { String(decoding: $0, as: UTF8.self) }
            let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && fields[1] == "\(getpid())" && words == start
        }
    }

    /// Signals the workers again and again, at most `rounds` times, until the body ends.
    private func signalling<T: Sendable>(
        _ signal: Int32, every pause: Duration, rounds: Int = .max, _ body: () async throws -> T
    ) async throws -> T {
        let killer = Task {
            var round = 0
            while !Task.isCancelled, round < rounds {
                round += 1
                for worker in Self.workers { kill(worker, signal) }
                try? await Task.sleep(for: pause)
            }
        }
        defer { killer.cancel() }
        return try await body()
    }

    @Test(arguments: [
        "photo.jpg", "progressive.jpg", "cmyk.jpg", "display-p3.jpg", "alpha.png", "16bit.png", "photo.webp", "lossless.webp",
        "animated.gif", "disposal.gif", "animated.webp", "composition.webp",
        "photo.heic", "photo.avif",
    ])
    func aWorkerMakesTheSameBytes(_ sample: String) async throws {
        let path = Executables.sample(sample)
        let isolated = pipeline()
        let inside = MediaPipeline(settings: isolated.settings)
        #expect(try await isolated.vet(path: path) == inside.vet(path: path))
        let (a, b) = (try await isolated.render(path: path), try await inside.render(path: path))
        #expect(a.renditions.map(\.bytes) == b.renditions.map(\.bytes))
        #expect(a.placeholder == b.placeholder)
        #expect(a.color == b.color)
        isolated.close()
    }

    @Test(arguments: ["video.mp4", "video-pq.mp4", "video-rotated.mov"]) func aWorkerMakesTheSamePreview(_ sample: String) async throws {
        var settings = PipelineSettings()
        settings.videoPreview = VideoPreview()
        let isolated = MediaPipeline(
            settings: settings, isolation: CodecIsolation(executable: Executables.agrovet, arguments: ["codec-worker"], timeout: 60))
        let path = Executables.sample(sample)
        let (a, b) = (try await isolated.render(path: path), try await MediaPipeline(settings: settings).render(path: path))
        #expect(a.renditions.last?.preset == "preview" && a.renditions.map(\.bytes) == b.renditions.map(\.bytes))
        isolated.close()
    }

    @Test func avifIsWrittenByAWorkerToo() async throws {
        let isolated = pipeline()
        let request = RenditionRequest(preset: Preset.defaults[0], format: .avif)
        let result = try await isolated.render(path: Executables.sample("photo.jpg"), only: [request])
        #expect(result.renditions.first?.bytes.dropFirst(4).starts(with: Array("ftyp".utf8)) == true)
        isolated.close()
    }

    @Test(arguments: ["truncated.jpg", "corrupt.png", "not-an-image.jpg", "bomb.png", "empty.jpg"])
    func aWorkerSaysWhyAFileIsRefused(_ sample: String) async throws {
        let isolated = pipeline()
        let inside = MediaPipeline(settings: isolated.settings)
        func refusal(_ pipeline: MediaPipeline) async -> CodecError? {
            do {
                _ = try await pipeline.vet(path: Executables.sample(sample))
                return nil
            } catch { return error as? CodecError }
        }
        let (a, b) = (await refusal(isolated), await refusal(inside))
        #expect(a != nil && a == b)
        isolated.close()
    }

    @Test func aWorkerIsShutIn() async throws {
        let isolated = pipeline(workers: 1)
        _ = try await isolated.render(path: Executables.sample("photo.jpg"))
        let worker = try #require(Self.workers.first)
        let status = try String(contentsOfFile: "/proc/\(worker)/status", encoding: .utf8)
        #expect(status.contains("Seccomp:\t2"), "a filter of system calls")
        #expect(status.contains("NoNewPrivs:\t1"))
        let limits = try String(contentsOfFile: "/proc/\(worker)/limits", encoding: .utf8).split(separator: "\n")
        #expect(limits.contains { $0.hasPrefix("Max file size") && $0.split(whereSeparator: \.isWhitespace)[3] == "0" })
        #expect(limits.contains { $0.hasPrefix("Max core file size") && $0.split(whereSeparator: \.isWhitespace)[4] == "0" })
        #expect(limits.contains { $0.hasPrefix("Max open files") && $0.split(whereSeparator: \.isWhitespace)[3] == "16" })
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(worker)/fd")
        #expect(Set(descriptors) == ["0", "1", "2", "3"], "nothing but its connection is open between jobs")
        #expect(try String(contentsOfFile: "/proc/\(worker)/environ", encoding: .utf8) == "")
        isolated.close()
        #expect(Self.workers.isEmpty)
    }

    @Test func killingWorkersInALoopLosesNoJob() async throws {
        let isolated = pipeline()
        let path = Executables.sample("photo.jpg")
        // Fewer rounds than the tries of a job, however slow the machine is.
        let count = try await signalling(SIGKILL, every: .milliseconds(150), rounds: 8) {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<24 { group.addTask { try await isolated.render(path: path).renditions.count } }
                return try await group.reduce(0, +)
            }
        }
        #expect(count == 24 * 8)
        isolated.close()
    }

    @Test func aFileThatCrashesEveryWorkerFailsForGoodAndTheNextIsFine() async throws {
        let isolated = pipeline(workers: 1)
        let path = Executables.sample("200-megapixels-tiled.heic")
        let error = await #expect(throws: CodecError.self) {
            try await signalling(SIGSEGV, every: .milliseconds(20)) {
                // One may be over before the next signal comes.
                while true { _ = try await isolated.render(path: path) }
            }
        }
        #expect(error == .crashed)
        #expect(error?.isPermanent == true)
        #expect(try await isolated.render(path: Executables.sample("photo.jpg")).renditions.count == 8)
        isolated.close()
    }

    @Test func aWorkerThatHangsIsGivenUp() async throws {
        let isolated = pipeline(workers: 1, timeout: 1)
        let error = await #expect(throws: CodecError.self) {
            try await signalling(SIGSTOP, every: .milliseconds(5)) {
                while true { _ = try await isolated.render(path: Executables.sample("photo.jpg")) }
            }
        }
        #expect(error == .timedOut(seconds: 1))
        isolated.close()
        #expect(Self.workers.isEmpty)
    }

    @Test func aCancelledRenderEndsItsWorker() async throws {
        let isolated = pipeline(workers: 1)
        // Again and again: one may be over before it is cancelled.
        let render = Task<Void, any Error> {
            while true { _ = try await isolated.render(path: Executables.sample("200-megapixels-tiled.heic")) }
        }
        while Self.workers.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        try await Task.sleep(for: .milliseconds(100))
        render.cancel()
        await #expect(throws: CancellationError.self) { try await render.value }
        #expect(try await isolated.render(path: Executables.sample("photo.jpg")).renditions.count == 8)
        isolated.close()
    }

    /// 8K takes more than the memory that writing may take; that of renders is another setting.
    @Test func aVideoThatTakesTooMuchMemoryToWriteNamesTheSetting() async throws {
        var settings = PipelineSettings()
        settings.videoMemoryBudget = 1 << 20
        let pipeline = MediaPipeline(settings: settings)
        let folder = try TemporaryFolder()
        let error = await #expect(throws: CodecError.self) {
            try await pipeline.writeWebVideo(path: Executables.sample("video.mp4"), to: folder.path + "/web.mp4", segmentsTo: nil) { _ in }
        }
        guard case .overMemoryBudget(_, allowed: 1 << 20, setting: .videoMemory) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.message.contains("AGROVET_VIDEO_MEMORY") == true)
    }

    /// A profile may be larger than all else that a worker tells of a picture.
    @Test(arguments: [4_200_000, 8_400_000]) func aLargeProfileGoesThroughToo(_ bytes: Int) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/profile.png"
        let script = """
            import struct, sys, zlib
            def chunk(name, data):
                return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            profile = b"p\\0\\0" + zlib.compress(b"\\xff" * int(sys.argv[2]))
            open(sys.argv[1], "wb").write(b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
                + chunk(b"iCCP", profile) + chunk(b"IDAT", zlib.compress((b"\\0" + b"\\x80" * 24) * 8)) + chunk(b"IEND", b""))
            """
        let made = try await ChildProcess.run("python3", ["-c", script, path, "\(bytes)"])
        try #require(made.status == 0, "\(made.errors)")
        let isolated = pipeline(workers: 1)
        for _ in 0..<2 { #expect(try await isolated.vet(path: path) == MediaPipeline(settings: isolated.settings).vet(path: path)) }
        let (a, b) = (try await isolated.render(path: path), try await MediaPipeline(settings: isolated.settings).render(path: path))
        #expect(a.renditions.map(\.bytes) == b.renditions.map(\.bytes) && !a.renditions.isEmpty)
        isolated.close()
    }
}
