import Foundation
import TestSupport
import Testing

/// Broken files by the hundred, uploaded to a real server: each is answered 201 or 4xx, each record settles, and the server is afterwards as
/// it was before. `make corpus` runs more of it.
@Suite struct CorpusTests {
    private typealias File = (name: String, bytes: Data)

    private static let environment = ProcessInfo.processInfo.environment

    private static var wasFetched: Bool {
        environment["CORPUS_FOLDER"].flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) }?.isEmpty == false
    }

    /// How often each sample is changed in each way.
    private static var rounds: Int { environment["CORPUS_ROUNDS"].flatMap { Int($0) } ?? 1 }

    @Test(.timeLimit(.minutes(60))) func samplesThatWereChanged() async throws {
        var files: [File] = []
        let names = try FileManager.default.contentsOfDirectory(atPath: Executables.sample("")).sorted()
            .filter { !$0.hasSuffix(".py") && !$0.hasSuffix(".md") }
        let samples = try names.map { (name: $0, bytes: try MadeVideos.sample($0)) }.filter { !$0.bytes.isEmpty }
        var random = SplitMix(state: 20_261_124)
        for (name, bytes) in samples {
            for round in 0..<Self.rounds {
                files += Self.changed(name, bytes, round, samples[Int.random(in: 0..<samples.count, using: &random)], &random)
            }
        }
        try await expectNoHarm(files)
    }

    /// One of each way.
    private static func changed(_ name: String, _ bytes: Data, _ round: Int, _ other: File, _ random: inout SplitMix) -> [File] {
        func place(_ reach: Int) -> Int { Int.random(in: 0..<max(1, min(reach, bytes.count)), using: &random) }
        var flipped = bytes
        for _ in 0...Int.random(in: 0..<8, using: &random) { flipped[place(bytes.count)] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        var header = bytes
        for _ in 0...Int.random(in: 0..<4, using: &random) { header[place(512)] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random)! }
        let cut = bytes.prefix(bytes.count * (1 + round % 16) / 17 + place(16))
        let spliced = bytes.prefix(place(bytes.count)) + other.bytes.suffix(other.bytes.count / 2)
        return [("flipped", flipped), ("header", header), ("cut", cut), ("spliced", spliced)].map { ("\($0.0)-\(round)-\(name)", $0.1) }
    }

    /// The files of other projects' tests, where they were fetched.
    @Test(.enabled(if: wasFetched, "make corpus fetches them, where there is a network"), .timeLimit(.minutes(60)))
    func filesOfOtherProjects() async throws {
        let folder = URL(fileURLWithPath: try #require(Self.environment["CORPUS_FOLDER"]))
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        let files = names.compactMap { name -> File? in
            let url = folder.appending(path: name)
            guard (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true, !name.hasSuffix(".done") else {
                return nil
            }
            return (try? Data(contentsOf: url)).map { (name, $0) }
        }
        try #require(!files.isEmpty, "nothing was fetched")
        try await expectNoHarm(files)
    }

    private func expectNoHarm(_ files: [File]) async throws {
        let trial = try await UploadTrial.start(environment: ["AGROVET_WEB_VIDEO_PRESET": "ultrafast", "AGROVET_WEB_VIDEO_SIZE": "240"])
        let endings = try await withThrowingTaskGroup(of: (String, UploadTrial.Ending).self) { group in
            var endings: [String: Int] = [:]
            var rest = files[...]
            func addNext() {
                guard let file = rest.popFirst() else { return }
                group.addTask { (file.name, try await trial.ending(of: file.name, file.bytes)) }
            }
            for _ in 0..<4 { addNext() }
            while let (name, ending) = try await group.next() {
                if case .wrong(let what) = ending { Issue.record("\(name): \(what)") }
                endings[ending.description, default: 0] += 1
                addNext()
            }
            return endings
        }
        print("\(files.count) files:", endings.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key)" }.joined(separator: "; "))
        try await trial.end()
    }
}
