/// What bounds resumable uploads (docs/UPLOADS.md), and where their bytes are.
public struct ResumableSettings: Sendable {
    /// Folder of unfinished uploads; on the object store's file system, or every upload is copied once more.
    public var folder: String
    /// Bytes of one upload.
    public var uploadBytes = 1 << 30
    /// How long an upload is kept after its last byte came.
    public var lifetime = Duration.seconds(86_400)
    /// Uploads of one owner that are not finished.
    public var uploadsPerOwner = 1000
    /// How long a connection that writes may be silent before another may take the upload over.
    public var stall = Duration.seconds(5)

    public init(folder: String) {
        self.folder = folder
    }
}
