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
        var pipelineSettings = PipelineSettings(try options.load())
        if !preset.isEmpty {
            pipelineSettings.presets = try preset.map { name in
                guard let known = pipelineSettings.presets.first(where: { $0.name == name }) else {
                    throw ValidationError(
                        "There is no preset \(name); there are: \(pipelineSettings.presets.map(\.name).joined(separator: ", ")).")
                }
                return known
            }
        }
        let pipeline = MediaPipeline(settings: pipelineSettings)
        do {
            let info = try pipeline.probe(path: file)
            if plan {
                print(pipeline.plan(info))
                return
            }
            try await render(pipeline)
        } catch let error as CodecError {
            FileHandle.standardError.write(Data("\(file): \(error.message)\n".utf8))
            throw ExitCode.failure
        }
    }

    private func render(_ pipeline: MediaPipeline) async throws {
        var result = try await renderOnce(pipeline)
        if repeats > 1 {
            // The first run paid for what is made once in a process.
            let start = Self.cpuSeconds()
            for _ in 1..<repeats { result = try await renderOnce(pipeline) }
            let milliseconds = (Self.cpuSeconds() - start) * 1000 / Double(repeats - 1)
            print("cpu_ms_per_job=\((milliseconds * 100).rounded() / 100) peak_rss_kb=\(Self.peakMemory())")
        }
        guard let out else { return }
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        for rendition in result.renditions {
            let path = "\(out)/\(rendition.preset).\(rendition.format.fileExtension)"
            try Data(rendition.bytes).write(to: URL(fileURLWithPath: path))
            if !quiet, repeats == 1 { print("\(path)  \(rendition.size)  \(rendition.bytes.count) bytes") }
        }
        if !quiet, repeats == 1 { print("placeholder \(Data(result.placeholder).base64EncodedString())  color \(result.color.hex)") }
    }

    private func renderOnce(_ pipeline: MediaPipeline) async throws -> RenderResult {
        guard !format.isEmpty else { return try await pipeline.render(path: file) }
        return try await pipeline.render(
            path: file, only: pipeline.settings.presets.flatMap { preset in format.map { RenditionRequest(preset: preset, format: $0) } })
    }

    /// User and system time of this process.
    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Peak resident memory in KiB.
    private static func peakMemory() -> Int {
        var usage = rusage()
        #if canImport(Darwin)
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss / 1024
        #else
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss
        #endif
    }
}

extension OutputFormat: ExpressibleByArgument {}
