import NIOCore
import Synchronization

/// The bytes of one version, segment after segment. Blobs with a name are pinned, and of many they are opened one after the other as they
/// are come to; packs are held open.
final class StoredVersionReader: VersionReader {
    let version: ObjectVersion
    private let blobs: any BlobStore
    private let named: NamedBlobs
    /// Where each segment begins.
    private let begins: [Int]

    private struct State {
        var pinned: [String] = []
        /// All segments in packs, and one other.
        var readers: [Int: any BlobReader] = [:]
        var current: Int?
    }

    private let state = Mutex(State())

    init(version: ObjectVersion, blobs: any BlobStore, named: NamedBlobs) {
        self.version = version
        self.blobs = blobs
        self.named = named
        var begins: [Int] = []
        begins.reserveCapacity(version.segments.count)
        var begin = 0
        for segment in version.segments {
            begins.append(begin)
            begin += segment.size
        }
        self.begins = begins
    }

    deinit {
        let pinned = state.withLock { $0.pinned }
        guard !pinned.isEmpty else { return }
        Task { [named] in
            for sha256 in pinned { await named.unpin(sha256) }
        }
    }

    /// Whether all bytes are there, as far as that is told without opening every file.
    func open() async throws -> Bool {
        for (index, segment) in version.segments.enumerated() {
            if segment.place == nil {
                await named.pin(segment.sha256)
                state.withLock { $0.pinned.append(segment.sha256) }
                if index > 0 { continue }
            }
            guard let reader = try await blobs.open(segment) else { return false }
            state.withLock { state in
                state.readers[index] = reader
                if segment.place == nil { state.current = index }
            }
        }
        return true
    }

    private func reader(_ index: Int) async throws -> any BlobReader {
        if let known = state.withLock({ $0.readers[index] }) { return known }
        guard let reader = try await blobs.open(version.segments[index]) else {
            throw ObjectStoreError.corrupt("blob \(version.segments[index].sha256) is missing")
        }
        state.withLock { state in
            if let current = state.current { state.readers[current] = nil }
            state.current = index
            state.readers[index] = reader
        }
        return reader
    }

    /// The segment that a byte lies in.
    private func index(of offset: Int) -> Int {
        var (low, high) = (0, begins.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if begins[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    func read(_ range: Range<Int>) async throws -> ByteBuffer {
        precondition(range.lowerBound >= 0 && range.upperBound <= version.size, "a range within the object")
        guard !range.isEmpty else { return ByteBuffer() }
        let first = index(of: range.lowerBound)
        let inFirst = range.lowerBound - begins[first]
        if range.count <= version.segments[first].size - inFirst {
            return try await reader(first).read(inFirst..<inFirst + range.count)
        }
        var bytes = ByteBuffer()
        bytes.reserveCapacity(range.count)
        for try await chunk in chunks(range) { bytes.writeImmutableBuffer(chunk) }
        return bytes
    }

    func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error> {
        precondition(range.lowerBound >= 0 && range.upperBound <= version.size, "a range within the object")
        let next = Cursor(range.lowerBound)
        return AsyncThrowingStream { [self] in
            while true {
                if let iterator = next.takeIterator() {
                    if let chunk = try await iterator.next() {
                        next.put(iterator, advancedBy: chunk.readableBytes)
                        return chunk
                    }
                }
                let offset = next.offset
                guard offset < range.upperBound else { return nil }
                let segment = index(of: offset)
                let end = min(range.upperBound, begins[segment] + version.segments[segment].size)
                let stream = try await reader(segment).chunks(offset - begins[segment]..<end - begins[segment])
                next.put(ChunkIterator(stream), advancedBy: 0)
            }
        }
    }

    func openDescriptor(_ range: Range<Int>) throws -> (descriptor: Int32, offset: Int)? {
        precondition(range.lowerBound >= 0 && range.upperBound <= version.size, "a range within the object")
        guard !range.isEmpty else { return nil }
        let segment = index(of: range.lowerBound)
        let inSegment = range.lowerBound - begins[segment]
        guard range.count <= version.segments[segment].size - inSegment, let reader = state.withLock({ $0.readers[segment] }),
            let (descriptor, offset) = try reader.openDescriptor()
        else { return nil }
        return (descriptor, offset + inSegment)
    }

    /// A file that holds exactly the bytes, where one does.
    var localPath: String? { version.segments.count == 1 ? state.withLock { $0.readers[0]?.localPath } : nil }

    /// The chunks of one segment. Used by one task at a time.
    private final class ChunkIterator: @unchecked Sendable {
        private var iterator: AsyncThrowingStream<ByteBuffer, any Error>.Iterator
        init(_ stream: AsyncThrowingStream<ByteBuffer, any Error>) { iterator = stream.makeAsyncIterator() }
        func next() async throws -> ByteBuffer? { try await iterator.next() }
    }

    /// Where a stream of chunks is.
    private final class Cursor: Sendable {
        private let state: Mutex<(offset: Int, iterator: ChunkIterator?)>
        init(_ offset: Int) { state = Mutex((offset, nil)) }
        var offset: Int { state.withLock { $0.offset } }
        func takeIterator() -> ChunkIterator? {
            state.withLock { state in
                defer { state.iterator = nil }
                return state.iterator
            }
        }
        func put(_ iterator: ChunkIterator, advancedBy count: Int) {
            state.withLock { state in
                state.iterator = iterator
                state.offset += count
            }
        }
    }
}
