import Foundation

/// A parser under trial.
struct FuzzTarget: Sendable {
    let name: String
    /// Inputs to begin with.
    let seeds: @Sendable () -> [[UInt8]]
    /// What the format's own words are; put into inputs here and there.
    var words: [String] = []
    /// Hands it an input. Must return, whatever the input; a trap, a signal, a hang or an error that is thrown is a finding.
    /// - Returns: a number that tells kinds of outcome apart: inputs of a new kind are built on.
    let run: @Sendable ([UInt8]) async throws -> Int

    static let all: [FuzzTarget] = http + media + uploads + services + data + events + s3 + buckets + auth

    /// Files of `samples/` of at most so many bytes.
    static func samples(_ isWanted: (String) -> Bool = { _ in true }, atMost size: Int = 64 * 1024) -> [[UInt8]] {
        let folder = URL(fileURLWithPath: #filePath).appending(path: "../../../samples").standardized
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
        return names.filter { isWanted($0) && !$0.hasSuffix(".py") && !$0.hasSuffix(".md") }
            .compactMap { try? [UInt8](Data(contentsOf: folder.appending(path: $0))) }.filter { $0.count <= size }
    }

    static func texts(_ texts: String...) -> @Sendable () -> [[UInt8]] { { texts.map { Array($0.utf8) } } }
}

/// What an input made of a parser that it must never make: its own answer contradicts itself.
struct Contradiction: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A number for a kind of outcome, the same in every run (FNV-1a).
func kind(_ text: String) -> Int {
    Int(truncatingIfNeeded: text.utf8.prefix(80).reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
}
