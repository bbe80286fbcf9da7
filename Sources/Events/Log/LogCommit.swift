import CChecksum
import Foundation

/// How far a topic is durable: what readers of every process may see.
struct LogCommit: Sendable, Equatable {
    /// The offset that the next event will get.
    var end: Int64
    /// The first offset of the last segment.
    var base: Int64
    /// Bytes of the last segment that are durable.
    var bytes: Int

    /// Of one length, so that each goes over the last: `<CRC-32> <end> <base> <bytes>` and a line break.
    var text: [UInt8] {
        let rest = Self.padded(end, 20) + " " + Self.padded(base, 20) + " " + Self.padded(Int64(bytes), 20)
        return Array((Self.checksum(rest) + " " + rest + "\n").utf8)
    }

    static let length = 8 + 1 + 20 + 1 + 20 + 1 + 20 + 1

    /// - Returns: nil where the text is none that `text` has made.
    init?(_ text: [UInt8]) {
        guard text.count == Self.length, text.last == LogLine.newline else { return nil }
        let line = String(decoding: text.dropLast(), as: UTF8.self)
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == Self.checksum(String(line.dropFirst(9))), let end = Int64(parts[1]), let base = Int64(parts[2]),
            let bytes = Int(parts[3]), LogLine.offsets.contains(base), LogLine.offsets.contains(end), end >= base, bytes >= 0
        else { return nil }
        self.init(end: end, base: base, bytes: bytes)
    }

    init(end: Int64, base: Int64, bytes: Int) {
        self.end = end
        self.base = base
        self.bytes = bytes
    }

    private static func padded(_ number: Int64, _ length: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, length - digits.count)) + digits
    }

    private static func checksum(_ text: String) -> String {
        let digits = String(Array(text.utf8).withUnsafeBytes { cchecksum_crc32(0, $0.baseAddress, $0.count) }, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// The file `.end` of a topic's folder: its last commit. It is written over in place, after the segment's sync, and not synced itself: who
/// opens the topic finds the end from the segments.
struct CommitFile: Sendable {
    static let name = "/.end"
    private let file: LogFile

    init(folder: String) throws {
        // O_CREAT makes it where there is none.
        file = try LogFile(folder + Self.name, O_RDWR | O_CREAT)!
    }

    /// Reads a few bytes that lie in memory. Nil where there is none yet, or where it was being written every time.
    func read() -> LogCommit? {
        for _ in 0..<5 {
            var text = [UInt8](repeating: 0, count: LogCommit.length)
            let count = try? text.withUnsafeMutableBytes { try file.read($0.baseAddress!, $0.count, at: 0) }
            if count == LogCommit.length, let commit = LogCommit(text) { return commit }
            if count == 0 { return nil }
        }
        return nil
    }

    func write(_ commit: LogCommit) throws { try file.write(commit.text, at: 0) }
}
