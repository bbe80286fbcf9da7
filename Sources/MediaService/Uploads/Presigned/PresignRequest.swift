import Codecs
import Schemas
import WebAPI

/// What the owner says of an upload that somebody else will make: the body of `POST /api/media/presign/`.
package struct PresignRequest: Sendable {
    package let filename: String
    /// Nil where the file may be anything that is taken here.
    package let contentType: String?
    /// Bytes of the file at the most.
    package let size: Int
    /// Seconds.
    package let lifetime: Int
    package let fields: MediaFields

    /// - Parameter body: what the schema of `MediaEndpoints.presign` accepts.
    /// - Throws: `APIError` 400 where the name is that of a folder.
    init(_ body: JSONValue, sizeLimit: Int, defaultLifetime: Int) throws(APIError) {
        fields = MediaFields(body)
        size = body["size"]?.integer ?? sizeLimit
        lifetime = body["expires_in"]?.integer ?? defaultLifetime
        contentType = (body["content_type"]?.string).flatMap { ImageFormat.contentTypes[$0]?.contentType }
        filename = UploadForm.shownName(body["filename"]?.string ?? "")
        if filename.isEmpty { throw .invalid("filename", "This field may not be blank.") }
    }
}
