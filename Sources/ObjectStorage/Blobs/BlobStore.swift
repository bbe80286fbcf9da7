import NIOCore

/// Where bytes lie, under the index: files and packs on this machine, or an S3 endpoint. A blob is named by its SHA-256; what it is the
/// bytes of only the index knows. Adapters: `LocalBlobStore` and S3.
///
/// Whoever calls keeps a blob from being removed while it is published or read (`BlobClaims`); the adapter need not.
public protocol BlobStore: Sendable {
    /// Begins to take bytes, in memory where they are few.
    /// - Parameter size: bytes to be expected, where known.
    func stage(size: Int?) async throws -> any BlobWriter

    /// Begins to take bytes whose blob has a `localPath` when it is finished.
    func stageFile() async throws -> any BlobWriter

    /// See `ObjectStore.stage(file:)`.
    func stage(file path: String) async throws -> any StagedBlob

    /// Puts staged bytes to where they stay, durably; those that are there already are replaced by their like. Not for blobs of which
    /// `isPackable` is true.
    /// - Throws: `ObjectStoreError.diskFull`.
    func publish(_ blob: any StagedBlob) async throws -> BlobSegment

    /// Whether the blob is small enough to lie in one file with others.
    func isPackable(_ blob: any StagedBlob) -> Bool

    /// Puts packable blobs to where they stay, in order, with one sync for all of them. Called by one task at a time. Nothing of it
    /// counts where it throws.
    func pack(_ blobs: [any StagedBlob]) async throws -> [BlobSegment]

    /// Opens a blob; nil where there is none.
    /// - Throws: `ObjectStoreError.corrupt` where it has not the size it should.
    func open(_ segment: BlobSegment) async throws -> (any BlobReader)?

    /// Opens a blob where that needs no waiting; nil where it does, or where there is none.
    func openAtOnce(_ segment: BlobSegment) -> (any BlobReader)?

    /// Removes a blob that is named by its SHA-256; success where there is none.
    func remove(_ sha256: String) async throws

    // MARK: Upkeep

    /// SHA-256 of the blobs whose name begins with two hexadecimal digits. Blobs in packs have no names.
    func names(prefix: String) async throws -> [String]

    /// Removes what unfinished uploads of an earlier process left; how many there were.
    func sweepTemporary() async throws -> Int

    /// Whether the store was closed in order, and no look through all blobs is needed. The mark is gone, durably, when this returns.
    func takeCleanMark() async throws -> Bool

    func leaveCleanMark() async throws

    /// Sets a blob whose bytes have changed aside, so that nobody is given them.
    func quarantine(_ sha256: String) async throws

    /// The packs that are there and take no more bytes, with the bytes of each on disk.
    func closedPacks() async throws -> [Int: Int]

    func removePack(_ number: Int) async throws
}

extension BlobStore {
    public func openAtOnce(_ segment: BlobSegment) -> (any BlobReader)? { nil }

    public func isPackable(_ blob: any StagedBlob) -> Bool { false }

    public func pack(_ blobs: [any StagedBlob]) async throws -> [BlobSegment] {
        var segments: [BlobSegment] = []
        for blob in blobs { segments.append(try await publish(blob)) }
        return segments
    }

    public func takeCleanMark() async throws -> Bool { true }
    public func leaveCleanMark() async throws {}
    public func closedPacks() async throws -> [Int: Int] { [:] }
    public func removePack(_ number: Int) async throws {}
}

/// A place in an open file, which closes with the last who holds it.
public struct HeldFile: Sendable {
    /// Good for as long as `holder` lives; not to be closed.
    public let descriptor: Int32
    /// Where what was asked for begins.
    public var offset: Int
    public let holder: any AnyObject & Sendable
}

/// An opened blob.
public protocol BlobReader: Sendable {
    /// Bytes.
    var size: Int { get }

    /// A few bytes at once (within 0 ..< size).
    /// - Throws: `ObjectStoreError.corrupt` where there are fewer.
    func read(_ range: Range<Int>) async throws -> ByteBuffer

    /// The same without waiting; nil where that cannot be.
    func readAtOnce(_ range: Range<Int>) -> ByteBuffer?

    /// Bytes of a range in chunks of at most 256 KiB.
    func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error>

    /// A descriptor for the caller to close, and where in that file the blob begins; nil where the bytes are not on this machine.
    func openDescriptor() throws -> (descriptor: Int32, offset: Int)?

    /// The same descriptor without one for the caller: it stays open for as long as its holder does. Nil where the bytes are not on this
    /// machine.
    var heldFile: HeldFile? { get }

    /// A file that holds exactly the blob's bytes for as long as nobody removes the blob; nil where there is none.
    var localPath: String? { get }
}

extension BlobReader {
    public func readAtOnce(_ range: Range<Int>) -> ByteBuffer? { nil }
    public func openDescriptor() throws -> (descriptor: Int32, offset: Int)? { nil }
    public var heldFile: HeldFile? { nil }
    public var localPath: String? { nil }
}
