import NIOCore

/// The bytes of one version.
public protocol VersionReader: Sendable {
    var version: ObjectVersion { get }
    /// A few bytes at once (within 0 ..< size), for small ranges.
    func read(_ range: Range<Int>) async throws -> ByteBuffer
    /// Bytes of a range in chunks of at most 256 KiB.
    func chunks(_ range: Range<Int>) -> AsyncThrowingStream<ByteBuffer, any Error>
    /// A descriptor for the caller to close, and where in that file the range begins, where the range lies in one local file; nil
    /// otherwise. For sendfile.
    func openDescriptor(_ range: Range<Int>) throws -> (descriptor: Int32, offset: Int)?
}
