import HTTPTypes
import WebAPI

/// The header fields of tus 1.0 (https://tus.io/protocols/resumable-upload), and one of our own.
package enum TusHeaders {
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

    /// Bytes, as `Upload-Length` and `Upload-Offset` tell them: decimal digits and nothing else.
    /// - Throws: `APIError` 400 for the header field of this name.
    package static func number(_ text: String, of name: String) throws(APIError) -> Int {
        guard let number = Int(text), number >= 0, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .invalid(name, "A valid non-negative integer is required.")
        }
        return number
    }
}

extension ResumableUpload.Part {
    /// Of `Upload-Concat`; nil where there is none.
    /// - Throws: `APIError` 400.
    package init(_ header: String?) throws(APIError) {
        guard let header, header != "partial" else {
            self = header == nil ? .whole : .partial
            return
        }
        guard header.hasPrefix("final;") else { throw .invalid("Upload-Concat", "Neither partial nor final;URL….") }
        // URLs, whole or from the root: what names an upload is the last part of its path.
        let pieces = try header.dropFirst("final;".count).split(separator: " ").map { (url) throws(APIError) -> UploadID in
            guard let id = url.split(separator: "/").last.flatMap({ UploadID($0) }) else {
                throw .invalid("Upload-Concat", "\(url) is no upload.")
            }
            return id
        }
        guard !pieces.isEmpty else { throw .invalid("Upload-Concat", "A final upload takes partial uploads.") }
        self = .final(pieces)
    }
}
