import Foundation

/// The process that tries inputs. What it is at is in a file that it shares with its supervisor.
struct FuzzLoop {
    let target: FuzzTarget
    let seed: UInt64
    let seconds: Int
    let journal: String

    private static let longestInput = 256 * 1024
    private static let mostKept = 4000

    func run() async throws {
        let journal = try FuzzJournal(path: journal)
        var corpus = target.seeds()
        precondition(!corpus.isEmpty, "\(target.name) begins with something")
        var mutator = Mutator(seed: seed, words: target.words)
        var kinds: Set<Int> = []
        let deadline = ContinuousClock.now + .seconds(seconds)
        var round = 0
        while ContinuousClock.now < deadline {
            // The seeds themselves first.
            let input =
                round < corpus.count && kinds.count <= round
                ? corpus[round]
                : mutator.changed(
                    corpus[mutator.below(corpus.count)], with: corpus[mutator.below(corpus.count)], atMost: Self.longestInput)
            journal.begin(round, input)
            let kind: Int
            do {
                kind = try await target.run(input)
            } catch {
                journal.note("\(error)")
                fatalError("\(target.name): \(error)")
            }
            if kinds.insert(kind).inserted, corpus.count < Self.mostKept { corpus.append(input) }
            round += 1
        }
        journal.end(kinds: kinds.count)
    }
}

/// A file in memory that two processes see: rounds, kinds of outcome, the input under trial, and why it was refused.
///
/// Unchecked: one process writes it, on one task.
final class FuzzJournal: @unchecked Sendable {
    static let bytes = 1 << 20
    private static let noteAt = 512 * 1024
    private let base: UnsafeMutableRawPointer

    init(path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, off_t(Self.bytes)) == 0 else { throw Contradiction("cannot open \(path)") }
        defer { close(descriptor) }
        let mapping = mmap(nil, Self.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let mapping, mapping != MAP_FAILED else { throw Contradiction("cannot map \(path)") }
        base = mapping
    }

    deinit { munmap(base, Self.bytes) }

    private func number(_ index: Int) -> Int { base.load(fromByteOffset: index * 8, as: Int.self) }
    private func set(_ index: Int, _ value: Int) { base.storeBytes(of: value, toByteOffset: index * 8, as: Int.self) }

    var round: Int { number(0) }
    var hasEnded: Bool { number(2) == 1 }
    var kinds: Int { number(3) }
    var input: Data { Data(bytes: base + 64, count: min(number(1), Self.noteAt - 64)) }
    var reason: String { String(decoding: Data(bytes: base + Self.noteAt, count: min(number(4), 4096)), as: UTF8.self) }

    func begin(_ round: Int, _ input: [UInt8]) {
        set(0, round)
        set(1, input.count)
        input.withUnsafeBytes { if let start = $0.baseAddress { memcpy(base + 64, start, min($0.count, Self.noteAt - 64)) } }
    }

    func note(_ reason: String) {
        let text = Array(reason.utf8.prefix(4096))
        set(4, text.count)
        text.withUnsafeBytes { if let start = $0.baseAddress { memcpy(base + Self.noteAt, start, $0.count) } }
    }

    func end(kinds: Int) {
        set(3, kinds)
        set(2, 1)
    }
}
