import HTTPTypes

/// The header fields of tus 1.0 (https://tus.io/protocols/resumable-upload), and one of our own.
enum TusHeaders {
    static let resumable = HTTPField.Name("Tus-Resumable")!
    static let version = HTTPField.Name("Tus-Version")!
    static let maxSize = HTTPField.Name("Tus-Max-Size")!
    static let `extension` = HTTPField.Name("Tus-Extension")!
    static let checksumAlgorithm = HTTPField.Name("Tus-Checksum-Algorithm")!
    static let offset = HTTPField.Name("Upload-Offset")!
    static let length = HTTPField.Name("Upload-Length")!
    static let deferLength = HTTPField.Name("Upload-Defer-Length")!
    static let metadata = HTTPField.Name("Upload-Metadata")!
    static let concat = HTTPField.Name("Upload-Concat")!
    static let checksum = HTTPField.Name("Upload-Checksum")!
    static let expires = HTTPField.Name("Upload-Expires")!
    static let methodOverride = HTTPField.Name("X-HTTP-Method-Override")!
    /// The address of the media item that a finished upload became.
    static let media = HTTPField.Name("Agrovet-Media")!
}
