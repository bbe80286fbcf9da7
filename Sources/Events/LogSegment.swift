import Foundation

/// One file of a topic's log: a line an event, `<CRC-32 as 8 hexadecimal digits> <offset> <CloudEvent JSON>`. The checksum covers all
/// that follows it. A value: what is known of the file. All of it blocks.
///
/// Each line says its own offset, so that a damaged line, even one whose line break is gone, costs only itself.
struct LogSegment: Sendable {
    /// The offset of the first event.
    let base: Int64
    let path: String
    private(set) var bytes: Int
    /// The offset behind the last event; known once the segment is loaded.
    private(set) var end: Int64
    /// Lines that `load` could not read.
    private(set) var damaged = 0
    /// Where some of the lines begin, so that a read need not begin at the front.
    private var marks: [Mark] = []

    private struct Mark {
        let offset: Int64
        let position: Int
    }

    private static let markEvery = 32 * 1024
    private static let chunk = 256 * 1024
    private static let newline: UInt8 = 0x0A

    init(folder: String, base: Int64) {
        self.base = base
        let digits = String(base)
        path = folder + "/" + String(repeating: "0", count: max(0, 20 - digits.count)) + digits + ".log"
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        bytes = attributes?[.size] as? Int ?? 0
        end = base
    }

    /// The offset in a segment's file name; nil where the file is no segment.
    static func base(ofName name: String) -> Int64? {
        guard name.hasSuffix(".log"), name.utf8.count == 24 else { return nil }
        return Int64(name.dropLast(4))
    }

    /// When something was last appended.
    var modified: Date {
        (try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date) ?? Date()
    }

    /// Reads the whole segment and returns the ids of its last events. With `repairing`, what stands behind the last whole
    /// line is cut off: a write that a crash broke off was never acknowledged. What stands before it stays, as it was.
    mutating func load(repairing: Bool, lastIDs: Int) throws -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        (marks, damaged, end, bytes) = ([], 0, base, 0)
        var lines: [Range<Data.Index>] = []
        var skipped = 0
        var position = data.startIndex
        while position < data.endIndex, let lineEnd = data[position...].firstIndex(of: Self.newline) {
            if let line = Line(data[position..<lineEnd]), line.offset >= end {
                note(line.offset, at: position)
                lines.append(position..<lineEnd)
                (end, bytes) = (line.offset + 1, lineEnd + 1)
                damaged += skipped
                skipped = 0
            } else {
                skipped += 1
            }
            position = lineEnd + 1
        }
        if repairing {
            if bytes < data.count, truncate(path, off_t(bytes)) != 0 { throw EventLogError(errno: errno, path) }
        } else {
            bytes = data.count
        }
        return lines.suffix(lastIDs).compactMap { Line(data[$0])?.event?.id }
    }

    private mutating func note(_ offset: Int64, at position: Int) {
        if position - (marks.last?.position ?? -Self.markEvery) >= Self.markEvery { marks.append(Mark(offset: offset, position: position)) }
    }

    /// Appends and syncs. What was written of a batch that failed is cut off again.
    mutating func append(_ events: [CloudEvent]) throws {
        let isNew = bytes == 0
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw EventLogError(errno: errno, path) }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var after = self
        for event in events {
            after.note(after.end, at: bytes + text.count)
            text += Line.text(event, offset: after.end)
            after.end += 1
        }
        var written = 0
        while written < text.count {
            let result = text.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress! + written, text.count - written, off_t(bytes + written))
            }
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { throw undo(descriptor, errno) }
            written += result
        }
        guard fdatasync(descriptor) == 0 else { throw undo(descriptor, errno) }
        if isNew { try Self.synchronize(folder: (path as NSString).deletingLastPathComponent) }
        after.bytes += text.count
        self = after
    }

    private func undo(_ descriptor: Int32, _ code: Int32) -> EventLogError {
        // Where this fails too, the next write goes over what is left, and `load` cuts off the rest.
        ftruncate(descriptor, off_t(bytes))
        return EventLogError(errno: code, path)
    }

    /// Makes a folder's entries durable.
    static func synchronize(folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EventLogError(errno: errno, folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw EventLogError(errno: errno, folder) }
    }

    /// At most `limit` events from `offset` on; damaged lines are skipped. Events that are appended meanwhile are not looked at.
    func read(from offset: Int64, limit: Int) throws -> [LoggedEvent] {
        guard let file = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? file.close() }
        var position = marks.last { $0.offset <= offset }?.position ?? 0
        try file.seek(toOffset: UInt64(position))
        var events: [LoggedEvent] = []
        var pending = Data()
        while events.count < limit, position < bytes {
            guard let data = try file.read(upToCount: min(Self.chunk, bytes - position)), !data.isEmpty else { break }
            position += data.count
            pending.append(data)
            var lineStart = pending.startIndex
            while events.count < limit, let lineEnd = pending[lineStart...].firstIndex(of: Self.newline) {
                if let line = Line(pending[lineStart..<lineEnd]), line.offset >= offset, let event = line.event {
                    events.append(LoggedEvent(offset: line.offset, event: event))
                }
                lineStart = lineEnd + 1
            }
            pending = Data(pending[lineStart...])
        }
        return events
    }

    func remove() { unlink(path) }
}

/// One line of a segment, its checksum found right.
private struct Line {
    let offset: Int64
    private let json: Data

    /// - Returns: nil where the checksum or the form is wrong.
    init?(_ bytes: Data) {
        guard bytes.count > 9, let crc = UInt32(String(decoding: bytes.prefix(8), as: UTF8.self), radix: 16) else { return nil }
        let rest = bytes.dropFirst(9)
        guard CRC32.checksum(rest) == crc, let space = rest.firstIndex(of: UInt8(ascii: " ")),
            // One more must be left for the event behind it.
            let offset = Int64(String(decoding: rest[..<space], as: UTF8.self)), (0..<Int64.max).contains(offset)
        else { return nil }
        self.offset = offset
        json = rest[(space + 1)...]
    }

    var event: CloudEvent? { try? CloudEvent(json: String(decoding: json, as: UTF8.self)) }

    static func text(_ event: CloudEvent, offset: Int64) -> [UInt8] {
        let rest = Array("\(offset) \(event.json)".utf8)
        let crc = String(CRC32.checksum(rest), radix: 16)
        return Array((String(repeating: "0", count: 8 - crc.count) + crc + " ").utf8) + rest + [0x0A]
    }
}

/// CRC-32 as in ISO 3309 and zlib.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8) }
    }
}

extension EventLogError {
    init(errno code: Int32, _ path: String) {
        switch code {
        case ENOSPC, EDQUOT: self = .diskFull
        default: self = .failed("\(path): \(String(cString: strerror(code)))")
        }
    }
}
