import Foundation

/// One file of a topic's log: a line an event, `<CRC-32 as 8 hexadecimal digits> <CloudEvent JSON>`. A value: what is known of the
/// file. All of it blocks.
struct LogSegment: Sendable {
    /// The offset of the first event.
    let base: Int64
    let path: String
    private(set) var bytes: Int
    private(set) var count: Int64
    /// Where every `markEvery`th line begins, so that a read need not begin at the front.
    private var marks: [Int] = []

    private static let markEvery: Int64 = 128
    private static let chunk = 256 * 1024

    /// The offset behind the last event.
    var end: Int64 { base + count }

    init(folder: String, base: Int64) {
        self.base = base
        let digits = String(base)
        path = folder + "/" + String(repeating: "0", count: max(0, 20 - digits.count)) + digits + ".log"
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        bytes = attributes?[.size] as? Int ?? 0
        count = 0
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

    /// Reads the whole segment. With `repairing`, what stands behind the last whole line is cut off: a write that a crash
    /// broke off was never acknowledged.
    mutating func load(repairing: Bool) throws -> [LoggedEvent] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        marks = []
        count = 0
        var events: [LoggedEvent] = []
        var position = 0
        while position < data.count, let end = data[position...].firstIndex(of: 0x0A), let event = Self.event(data[position..<end]) {
            if count % Self.markEvery == 0 { marks.append(position) }
            events.append(LoggedEvent(offset: base + count, event: event))
            count += 1
            position = end + 1
        }
        if position < data.count {
            guard repairing else { throw EventLogError.failed("\(path) is damaged at byte \(position)") }
            guard truncate(path, off_t(position)) == 0 else { throw EventLogError(errno: errno, path) }
        }
        bytes = position
        return events
    }

    /// Appends and syncs. What was written of a batch that failed is cut off again.
    mutating func append(_ events: [CloudEvent]) throws {
        let isNew = count == 0
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw EventLogError(errno: errno, path) }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var newMarks: [Int] = []
        for (index, event) in events.enumerated() {
            if (count + Int64(index)) % Self.markEvery == 0 { newMarks.append(bytes + text.count) }
            text += Self.line(event)
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
        if isNew { try synchronizeFolder() }
        bytes += text.count
        count += Int64(events.count)
        marks += newMarks
    }

    private func undo(_ descriptor: Int32, _ code: Int32) -> EventLogError {
        ftruncate(descriptor, off_t(bytes))
        return EventLogError(errno: code, path)
    }

    private func synchronizeFolder() throws {
        let descriptor = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EventLogError(errno: errno, path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw EventLogError(errno: errno, path) }
    }

    /// At most `limit` events from `offset` on. Events that are appended meanwhile are not looked at.
    func read(from offset: Int64, limit: Int) throws -> [LoggedEvent] {
        guard let file = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? file.close() }
        let mark = min(Int((offset - base) / Self.markEvery), marks.count - 1)
        var number = mark < 0 ? 0 : Int64(mark) * Self.markEvery
        var position = mark < 0 ? 0 : marks[mark]
        try file.seek(toOffset: UInt64(position))
        var events: [LoggedEvent] = []
        var pending = Data()
        while events.count < limit, position < bytes {
            guard let data = try file.read(upToCount: min(Self.chunk, bytes - position)), !data.isEmpty else { break }
            position += data.count
            pending.append(data)
            var lineStart = pending.startIndex
            while events.count < limit, let lineEnd = pending[lineStart...].firstIndex(of: 0x0A) {
                if base + number >= offset {
                    guard let event = Self.event(pending[lineStart..<lineEnd]) else {
                        throw EventLogError.failed("\(path) is damaged at event \(base + number)")
                    }
                    events.append(LoggedEvent(offset: base + number, event: event))
                }
                number += 1
                lineStart = lineEnd + 1
            }
            pending = Data(pending[lineStart...])
        }
        return events
    }

    func remove() { unlink(path) }

    // MARK: Lines

    static func line(_ event: CloudEvent) -> [UInt8] {
        let json = Array(event.json.utf8)
        let crc = String(CRC32.checksum(json), radix: 16)
        return Array((String(repeating: "0", count: 8 - crc.count) + crc + " ").utf8) + json + [0x0A]
    }

    /// The event of a line; nil where its checksum or its form is wrong.
    static func event(_ line: Data) -> CloudEvent? {
        guard line.count > 9, let crc = UInt32(String(decoding: line.prefix(8), as: UTF8.self), radix: 16) else { return nil }
        let json = line.dropFirst(9)
        guard CRC32.checksum(json) == crc else { return nil }
        return try? CloudEvent(json: String(decoding: json, as: UTF8.self))
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
