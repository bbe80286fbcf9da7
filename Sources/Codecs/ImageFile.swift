#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The bytes of one image file, mapped read-only, so that a codec reads where it likes and the pages it has read can be
/// dropped by the kernel.
///
/// The file must not be shortened while it is mapped (blobs never are: they are written once).
///
/// Unchecked: the mapping is never written and lives as long as the object.
public final class ImageFile: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer?
    /// Bytes.
    public let count: Int
    /// What a look into it may cost, where it is a video.
    let videoLimits: VideoLimits

    /// - Throws: `CodecError.failed` where the file cannot be opened or mapped.
    public convenience init(path: String, videoLimits: VideoLimits = VideoLimits()) throws(CodecError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed("cannot open the file: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        try self.init(descriptor: descriptor, videoLimits: videoLimits)
    }

    /// Maps a file that is open already; the descriptor may be closed when this returns.
    /// - Throws: `CodecError.failed` where the file cannot be mapped.
    public init(descriptor: Int32, videoLimits: VideoLimits = VideoLimits()) throws(CodecError) {
        self.videoLimits = videoLimits
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .failed("not a regular file") }
        count = Int(status.st_size)
        // Nothing of an empty file can be mapped.
        guard count > 0 else {
            base = nil
            return
        }
        guard let mapping = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), mapping != MAP_FAILED else {
            throw .failed("cannot map the file: \(String(cString: strerror(errno)))")
        }
        base = mapping
    }

    deinit {
        if let base { munmap(base, count) }
    }

    /// The bytes, valid only within `body`.
    public func withBytes<Result, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }
}
