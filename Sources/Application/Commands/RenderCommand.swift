import ArgumentParser
import Codecs
import Foundation
import MediaPipeline

struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render", abstract: "Render a file without a server: the pipeline alone.")

    @Argument(help: "Image or video file.", completion: .file())
    var file: String

    @Option(name: .long, help: "Preset to render; may stand several times (default: all).")
    var preset: [String] = []

    @Option(name: .long, help: "Format to write: webp, jpeg, png or avif; may stand several times (default: WebP and a fallback).")
    var format: [OutputFormat] = []

    @Option(name: .long, help: "Folder that the renditions are written to.", completion: .directory)
    var out: String?

    @Flag(name: .long, help: "Also write a video as browsers play it: web.mp4, and hls.mp4 where the setting says so.")
    var webVideo = false

    @Flag(name: .long, help: "Print the plan and render nothing.")
    var plan = false

    @Option(name: .long, help: "Render that many times and print the CPU time of one: for measuring.")
    var repeats: Int = 1

    @Flag(name: .long, help: "Do not list what was written.")
    var quiet = false

    @OptionGroup var options: SettingsOptions

    func validate() throws {
        if out == nil, !plan, repeats == 1 { throw ValidationError("Give --out DIR, or --plan.") }
        if repeats < 1 { throw ValidationError("--repeats takes a number from 1 on.") }
    }

    func run() async throws {
        CodecWorker.keepHeap()
        let settings = try options.load()
        var presets = settings[SettingsCatalogue.presets]
        if !preset.isEmpty {
            presets = try preset.map { name in
                guard let known = presets.first(where: { $0.name == name }) else {
                    throw ValidationError("There is no preset \(name); there are: \(presets.map(\.name).joined(separator: ", ")).")
                }
                return known
            }
        }
        let pipeline = MediaPipeline(settings, presets: presets)
        do {
            let info = try await pipeline.probe(path: file)
            if plan {
                print(pipeline.plan(info))
                return
            }
            try await render(pipeline)
        } catch let error as CodecError {
            Terminal.complain("\(file): \(error.message)" + (error.libraryWords.map { " (\($0))" } ?? ""))
            throw ExitCode.failure
        }
    }

    private func render(_ pipeline: MediaPipeline) async throws {
        // First of all: a video takes its time.
        if let out { try write(out) { try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true) } }
        var result = try await renderOnce(pipeline)
        if repeats > 1 { result = try await measure(pipeline) }
        guard let out else { return }
        for rendition in result.renditions {
            let path = "\(out)/\(rendition.preset).\(rendition.format.fileExtension)"
            try write(path) { try Data(rendition.bytes).write(to: URL(fileURLWithPath: path)) }
            if !quiet, repeats == 1 { print("\(path)  \(rendition.size)  \(rendition.bytes.count) bytes") }
        }
        if webVideo { try await writeWebVideo(pipeline, to: out) }
        if !quiet, repeats == 1 { print("placeholder \(Data(result.placeholder).base64EncodedString())  color \(result.color.hex)") }
    }

    private func writeWebVideo(_ pipeline: MediaPipeline, to out: String) async throws {
        let (video, segments) = ("\(out)/web.mp4", "\(out)/hls.mp4")
        let hasSegments = pipeline.settings.webVideo?.segmentDuration != nil
        for path in hasSegments ? [video, segments] : [video] { try write(path) { try Data().write(to: URL(fileURLWithPath: path)) } }
        let written = try await pipeline.writeWebVideo(path: file, to: video, segmentsTo: hasSegments ? segments : nil) { _ in }
        let how = (written.isRemuxed ? "taken over as it is" : "encoded") + (written.lacksSound ? ", without its sound" : "")
        if !quiet { print("\(video)  \(written.size)  \(how)") }
    }

    /// Does what writes to a path, or says why it cannot be done.
    private func write(_ path: String, _ work: () throws -> Void) throws {
        do {
            try work()
        } catch {
            Terminal.complain("agrovet render: cannot write to \(path): \(Terminal.reason(error))")
            throw ExitCode.failure
        }
    }

    private func renderOnce(_ pipeline: MediaPipeline) async throws -> RenderResult {
        guard !format.isEmpty else { return try await pipeline.render(path: file) }
        return try await pipeline.render(
            path: file, only: pipeline.settings.presets.flatMap { preset in format.map { RenditionRequest(preset: preset, format: $0) } })
    }

    /// Renders again and again, and prints what one render costs; codec workers count, from their start to their end.
    private func measure(_ pipeline: MediaPipeline) async throws -> RenderResult {
        // The first run paid for what is made once in a process.
        var result = try await renderOnce(pipeline)
        pipeline.close()
        let before = Usage.now()
        for _ in 1..<repeats { result = try await renderOnce(pipeline) }
        // Workers are counted when they have ended.
        pipeline.close()
        let after = Usage.now()
        let milliseconds = (after.cpuSeconds - before.cpuSeconds) * 1000 / Double(repeats - 1)
        print("cpu_ms_per_job=\((milliseconds * 100).rounded() / 100) peak_rss_kb=\(after.peakKiB)")
        return result
    }
}

/// What this process and the children that it has outlived have used.
private struct Usage {
    /// User and system time.
    var cpuSeconds = 0.0
    /// Peak resident memory of the largest.
    var peakKiB = 0

    static func now() -> Usage {
        var usage = Usage()
        #if canImport(Darwin)
            let (whose, unit) = ([RUSAGE_SELF, RUSAGE_CHILDREN], 1024)
        #else
            let (whose, unit) = ([__rusage_who_t(RUSAGE_SELF.rawValue), __rusage_who_t(RUSAGE_CHILDREN.rawValue)], 1)
        #endif
        for who in whose {
            var used = rusage()
            getrusage(who, &used)
            for time in [used.ru_utime, used.ru_stime] { usage.cpuSeconds += Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
            usage.peakKiB = max(usage.peakKiB, used.ru_maxrss / unit)
        }
        return usage
    }
}

extension OutputFormat: ExpressibleByArgument {}
