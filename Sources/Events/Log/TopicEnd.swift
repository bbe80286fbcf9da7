import Foundation

/// The end of a topic as one who holds its lock sees it: the last segment, and the ids that need not be told again. All of it blocks, and
/// all of it is done under the lock.
struct TopicEnd {
    private let folder: String
    private let configuration: FileEventLog.Configuration
    private let commits: CommitFile

    private var file: LogFile
    private var base: Int64
    /// Bytes of the last segment that are whole lines.
    private var bytes: Int
    /// The offset behind the last event.
    private var end: Int64
    private var recent: RecentIDs
    /// Whether all that is known of the last segment is durable, as far as this process knows.
    private var isSynchronized = false
    /// Lines that could not be read.
    private(set) var damaged = 0

    var commit: LogCommit { LogCommit(end: end, base: base, bytes: bytes) }

    /// Reads the last segments. What a crash left of a last write is cut off: it was never acknowledged.
    init(folder: String, configuration: FileEventLog.Configuration, commits: CommitFile) throws {
        self.folder = folder
        self.configuration = configuration
        self.commits = commits
        let told = commits.read()
        let bases = try LogSegment.bases(folder)
        recent = RecentIDs(capacity: configuration.rememberedIDs)
        let before = try Self.ids(of: bases.dropLast(), in: folder, configuration.rememberedIDs)
        for id in before { recent.insert(id) }
        base = bases.last ?? told?.end ?? 0
        (bytes, end) = (0, base)
        file = try Self.open(folder, base)
        try takeIn(told)
    }

    /// The ids of the last events of some segments, oldest first.
    private static func ids(of bases: some BidirectionalCollection<Int64>, in folder: String, _ count: Int) throws -> [String] {
        var found: [[String]] = []
        var total = 0
        for base in bases.reversed() where total < count {
            guard let file = try LogFile(LogSegment.path(folder, base), O_RDONLY) else { continue }
            var ids: [String] = []
            try LogScan.lines(of: file, 0..<(try file.state().bytes)) { bytes, _ in
                if let id = LogLine(bytes)?.id(bytes) { ids.append(id) }
                return true
            }
            found.append(ids)
            total += ids.count
        }
        return Array(found.reversed().joined().suffix(count))
    }

    /// The segment that begins at `base`; it is made where there is none.
    private static func open(_ folder: String, _ base: Int64) throws -> LogFile {
        let path = LogSegment.path(folder, base)
        if let file = try LogFile(path, O_RDWR) { return file }
        let file = try LogFile(path, O_RDWR | O_CREAT)!
        // Its name must outlive a power cut as its events do.
        try LogFile.synchronize(folder: folder)
        return file
    }

    /// Takes in what other processes have appended since.
    mutating func catchUp() throws {
        let told = commits.read()
        let state = try file.state()
        // Retention took it, or a person changed what was durable.
        guard state.isThere, state.bytes >= bytes else { return try reload() }
        if state.bytes > bytes { try takeIn(told) }
        while end != base, let next = try LogFile(LogSegment.path(folder, end), O_RDWR) {
            // Who began the next made this one durable.
            (file, base, bytes, isSynchronized) = (next, end, 0, false)
            try takeIn(told)
        }
        if let told, told.base > base { try reload() }
    }

    private mutating func reload() throws { self = try TopicEnd(folder: folder, configuration: configuration, commits: commits) }

    /// Reads the last segment from where it is known on, and cuts off what is no whole line.
    private mutating func takeIn(_ told: LogCommit?) throws {
        let size = try file.state().bytes
        var skipped = 0
        var (whole, last) = (bytes, end)
        var ids: [String] = []
        try LogScan.lines(of: file, bytes..<size) { bytes, position in
            guard let line = LogLine(bytes), line.offset >= last else {
                skipped += 1
                return true
            }
            if let id = line.id(bytes) { ids.append(id) }
            (last, whole) = (line.offset + 1, position + bytes.count + 1)
            damaged += skipped
            skipped = 0
            return true
        }
        if let told, told.base == base {
            // Readers were shown so much: it is damage and no unfinished write, and its offsets are not given a second time.
            last = max(last, told.end)
            if told.bytes > whole, told.bytes <= size, try endsLine(told.bytes) {
                whole = told.bytes
                damaged += skipped
            }
        }
        if whole < size { try file.truncate(whole) }
        if whole > bytes { isSynchronized = false }
        (bytes, end) = (whole, last)
        for id in ids.suffix(configuration.rememberedIDs) { recent.insert(id) }
    }

    private func endsLine(_ position: Int) throws -> Bool {
        var byte: UInt8 = 0
        return try file.read(&byte, 1, at: position - 1) == 1 && byte == LogLine.newline
    }

    /// Appends those of the events whose ids are not known, makes them durable, and tells readers.
    mutating func append(_ events: [CloudEvent]) throws -> [LoggedEvent] {
        var ids: Set<String> = []
        let fresh = events.filter { !recent.contains($0.id) && ids.insert($0.id).inserted }
        guard !fresh.isEmpty else {
            // What is known may be another's, who died before it was durable.
            try settle()
            return []
        }
        if bytes >= configuration.segmentBytes { try roll() }
        var text: [UInt8] = []
        var logged: [LoggedEvent] = []
        logged.reserveCapacity(fresh.count)
        for event in fresh {
            let offset = end + Int64(logged.count)
            text += LogLine.text(event, offset: offset)
            logged.append(LoggedEvent(offset: offset, event: event.onOneLine))
        }
        do {
            try file.write(text, at: bytes)
            try file.synchronize()
        } catch {
            // Where this fails too, the next write goes over what is left, or takes it in as it is.
            try? file.truncate(bytes)
            throw error
        }
        isSynchronized = true
        bytes += text.count
        end += Int64(logged.count)
        for event in fresh { recent.insert(event.id) }
        publish()
        return logged
    }

    /// Makes what is known durable, and tells readers.
    mutating func settle() throws {
        if !isSynchronized {
            try file.synchronize()
            isSynchronized = true
        }
        if commits.read() != commit { publish() }
    }

    private func publish() {
        // What is durable is so whether others are told of it now or with the next.
        try? commits.write(commit)
    }

    /// Begins a new segment and lets go of the oldest that are too many or too old.
    private mutating func roll() throws {
        if !isSynchronized { try file.synchronize() }
        (file, base, bytes, isSynchronized) = (try Self.open(folder, end), end, 0, true)
        let oldest = Date(timeIntervalSinceNow: -(configuration.retentionAge / .seconds(1)))
        var files = try LogSegment.bases(folder).map { base in
            let path = LogSegment.path(folder, base)
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return (
                path: path, bytes: attributes?[.size] as? Int ?? 0, modified: attributes?[.modificationDate] as? Date ?? .distantFuture
            )
        }
        var total = files.reduce(0) { $0 + $1.bytes }
        while files.count > 2, total > configuration.retentionBytes || files[0].modified < oldest {
            total -= files[0].bytes
            unlink(files.removeFirst().path)
        }
    }
}
