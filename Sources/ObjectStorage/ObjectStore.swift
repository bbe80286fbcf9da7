import NIOCore

/// A bucket's name: 3 to 63 of `a-z`, `0-9`, `-`, `.`, by S3's rules.
public struct BucketName: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// Nil where S3 would not accept the name.
    public init?(_ name: String) {
        guard (3...63).contains(name.utf8.count) else { return nil }
        var (isFirst, last) = (true, UInt8(0))
        for byte in name.utf8 {
            let isAlphanumeric = (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
            guard isAlphanumeric || !isFirst && (byte == 0x2D || byte == 0x2E && last != 0x2E) else { return nil }
            (isFirst, last) = (false, byte)
        }
        guard last != 0x2D, last != 0x2E else { return nil }
        description = name
    }
}

/// An object's key: 1 to 1,024 bytes of UTF-8, any characters but NUL. It never becomes part of a path on disk.
///
/// Keys are told apart by their bytes: two spellings of `é` are two keys, though Swift's strings take them for one.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let description: String

    /// Nil where the key is empty or too long, or holds a NUL, which neither PostgreSQL's text nor XML can carry.
    public init?(_ key: String) {
        guard (1...1024).contains(key.utf8.count), !key.utf8.contains(0) else { return nil }
        description = key
    }

    public static func == (a: ObjectKey, b: ObjectKey) -> Bool { a.description.utf8.elementsEqual(b.description.utf8) }

    public func hash(into hasher: inout Hasher) {
        var text = description
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// By UTF-8 bytes, as S3 lists keys.
    public static func < (a: ObjectKey, b: ObjectKey) -> Bool {
        a.description.utf8.lexicographicallyPrecedes(b.description.utf8)
    }
}

/// What is known of an object without its bytes.
public struct ObjectInfo: Sendable, Hashable {
    public let key: ObjectKey
    /// Bytes.
    public let size: Int
    /// SHA-256 of the bytes, 64 hexadecimal digits.
    public let sha256: String
    public let contentType: String
    /// Milliseconds since 1970, UTC.
    public let modified: Int64

    public init(key: ObjectKey, size: Int, sha256: String, contentType: String, modified: Int64) {
        self.key = key
        self.size = size
        self.sha256 = sha256
        self.contentType = contentType
        self.modified = modified
    }
}

/// What an object store can fail with.
public enum ObjectStoreError: Error, Sendable, Equatable {
    case noSuchBucket
    /// No room for the bytes or the index. Nothing became visible.
    case diskFull
    /// The bytes on disk are not what was stored.
    case corrupt(String)
    /// The place where bytes lie does not answer now; the same may succeed later.
    case unavailable(String)
    case failed(String)
}

extension ObjectStoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noSuchBucket: "there is no such bucket"
        case .diskFull: "there is no room left for objects"
        case .corrupt(let reason): "stored bytes have changed: \(reason)"
        case .unavailable(let reason), .failed(let reason): reason
        }
    }
}

/// Bytes that are complete and durable (fsynced) but not yet an object. Committing it makes an object; dropping it
/// without a commit removes it.
public protocol StagedBlob: Sendable {
    /// Bytes.
    var size: Int { get }
    /// SHA-256 of the bytes, 64 hexadecimal digits.
    var sha256: String { get }
    /// Where the bytes can be read on this machine (to probe them before they become an object); empty where they are in memory,
    /// which they never are when they come from `ObjectStore.stage`.
    var localPath: String { get }
    /// Removes the bytes. Harmless after a commit or a second time.
    func discard() async
}

/// Takes bytes as they come, hashing them on the way; never holds more than its buffer in memory.
public protocol BlobWriter: Sendable {
    /// - Throws: `ObjectStoreError.diskFull`.
    func write(_ bytes: ByteBuffer) async throws
    /// Writes what is buffered and fsyncs; after this the writer takes no more.
    func finish() async throws -> any StagedBlob
    /// Removes what was written. Harmless after `finish`.
    func cancel() async
}

/// Buckets of objects. Adapters: local (an index in a database, blobs as files) and S3.
public protocol ObjectStore: Sendable {
    /// Makes the bucket unless it exists.
    func createBucket(_ bucket: BucketName) async throws

    /// Begins a blob in the store's temporary place.
    func stage() async throws -> any BlobWriter

    /// A blob with the bytes of a complete file on this machine, hashed and fsynced; without moving bytes where the store's
    /// temporary place is on the file's file system. The file keeps its name, so that a crash before the blob is an object
    /// loses nothing; it must not be written to again.
    func stage(file path: String) async throws -> any StagedBlob

    /// Makes an object of staged bytes, replacing one of that key; a reader sees the old object or the new one, whole.
    /// The same bytes stored under several keys take their room once.
    @discardableResult
    func commit(_ blob: any StagedBlob, to key: ObjectKey, in bucket: BucketName, contentType: String) async throws -> ObjectInfo

    /// Makes `target` an object with the bytes of `source` without moving them; nil where there is no `source`.
    func copy(_ source: ObjectKey, to target: ObjectKey, in bucket: BucketName) async throws -> ObjectInfo?

    /// Nil where there is no such object.
    func head(_ key: ObjectKey, in bucket: BucketName) async throws -> ObjectInfo?

    /// An object ready to be read; nil where there is none. The bytes stay readable until the reader is let go, even if
    /// the object is deleted or replaced meanwhile.
    func open(_ key: ObjectKey, in bucket: BucketName) async throws -> (any ObjectReader)?

    /// Deletes the objects that exist of these.
    func delete(_ keys: [ObjectKey], in bucket: BucketName) async throws

    /// Objects whose key begins with `prefix` and stands after `after`, in order of UTF-8 bytes, at most `limit`.
    func list(_ bucket: BucketName, prefix: String, after: String?, limit: Int) async throws -> [ObjectInfo]
}

/// An opened object.
public protocol ObjectReader: Sendable {
    var info: ObjectInfo { get }
    /// A file on this machine that holds exactly the object's bytes for as long as the reader lives.
    func localPath() async throws -> String
    /// A descriptor of a file that holds exactly the object's bytes, for the caller to close; nil where there is none. The bytes
    /// stay readable by it when the reader is let go and the object deleted.
    func openDescriptor() throws -> Int32?
    /// Bytes `range` (within 0 ..< size) in chunks of at most 256 KiB.
    func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error>
}

extension ObjectReader {
    public func openDescriptor() throws -> Int32? { nil }
}
