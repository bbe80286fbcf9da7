import MediaPipeline

/// Who may ask for transformed pictures, how large they may be, and where they are kept.
public struct TransformSettings: Sendable {
    public var signer: TransformSigner
    /// Whether `unsigned` stands for a signature; for public items only.
    public var allowsUnsigned = false
    public var limits = TransformLimits()
    /// Folder of the cache on disk.
    public var cacheFolder: String
    /// Bytes of the files in it.
    public var cacheBytes = 1 << 30
    /// Transforms under way and waiting for a worker; more are turned away.
    public var inFlight = 64

    public init(signer: TransformSigner, cacheFolder: String) {
        self.signer = signer
        self.cacheFolder = cacheFolder
    }
}
