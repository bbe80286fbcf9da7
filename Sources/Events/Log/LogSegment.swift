import Foundation

/// One file of a topic's log, as its readers know it: lines (`LogLine`) that are only ever appended to.
struct LogSegment: Sendable {
    /// The offset of the first event.
    let base: Int64
    let path: String
    /// Bytes that may be read; nil for all of the file, which nobody appends to any more.
    private(set) var bytes: Int?
    /// Where some of the lines begin, so that a read need not begin at the front.
    private var marks: [Mark] = []

    struct Mark: Sendable {
        let offset: Int64
        let position: Int
    }

    private static let markEvery = 32 * 1024

    init(folder: String, base: Int64, bytes: Int?) {
        self.base = base
        self.bytes = bytes
        path = Self.path(folder, base)
    }

    static func path(_ folder: String, _ base: Int64) -> String {
        let digits = String(base)
        return folder + "/" + String(repeating: "0", count: max(0, 20 - digits.count)) + digits + ".log"
    }

    /// The first offsets of a folder's segments, ascending.
    static func bases(_ folder: String) throws -> [Int64] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { name in
                guard name.hasSuffix(".log"), name.utf8.count == 24 else { return nil }
                return Int64(name.dropLast(4)).flatMap { LogLine.offsets.contains($0) ? $0 : nil }
            }.sorted()
        } catch {
            throw EventLogError.failed("\(folder): \(error.localizedDescription)")
        }
    }

    /// More may be read now; nil for the whole file.
    /// - Parameter end: the offset behind the last event that could be read so far; nil where it is not known.
    mutating func extend(to bytes: Int?, from end: Int64?) {
        if let known = self.bytes, let end { learn([Mark(offset: end, position: known)]) }
        self.bytes = bytes
    }

    /// Takes down where lines begin.
    mutating func learn(_ found: [Mark]) {
        for mark in found {
            let index = marks.lastIndex { $0.offset <= mark.offset }.map { $0 + 1 } ?? 0
            let before = index > 0 ? marks[index - 1].position : 0
            if mark.position - before >= Self.markEvery, index == marks.count || marks[index].position - mark.position >= Self.markEvery {
                marks.insert(mark, at: index)
            }
        }
    }

    /// At most `limit` events from `offset` on, and where lines begin; damaged lines are skipped. Nil where the file is gone. Blocks.
    func read(from offset: Int64, limit: Int) throws -> (events: [LoggedEvent], marks: [Mark])? {
        guard let file = try LogFile(path, O_RDONLY) else { return nil }
        let end = try bytes ?? file.state().bytes
        let start = marks.last { $0.offset <= offset }?.position ?? 0
        guard start < end, limit > 0 else { return ([], []) }
        var events: [LoggedEvent] = []
        var found: [Mark] = []
        var marked = start
        try LogScan.lines(of: file, start..<end) { bytes, position in
            guard let line = LogLine(bytes) else { return true }
            if position - marked >= Self.markEvery {
                found.append(Mark(offset: line.offset, position: position))
                marked = position
            }
            if line.offset >= offset, let event = line.event(bytes) { events.append(LoggedEvent(offset: line.offset, event: event)) }
            return events.count < limit
        }
        return (events, found)
    }
}
