import Persistence

/// The id of a resumable upload: made by the server, the name of its row and of its file.
package struct UploadID: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init() { description = UUIDv7.make() }

    /// Nil where the text is no UUID: nothing else ever becomes part of a path.
    package init?(_ text: some StringProtocol) {
        guard let id = MediaID(text) else { return nil }
        description = id.description
    }
}

/// One row of `tus_uploads`.
package struct ResumableUpload: Sendable, Equatable {
    /// The concatenation extension's kinds.
    package enum Part: Sendable, Equatable {
        case whole
        /// A piece of a later upload.
        case partial
        /// Put together of pieces, in this order.
        case final([UploadID])
    }

    package let id: UploadID
    package let owner: String
    /// Bytes; nil as long as the client has not said.
    package var length: Int?
    /// Bytes that are durable: what is acknowledged as the offset.
    package var received: Int
    package let part: Part
    /// `Upload-Metadata` as the client sent it.
    package let metadata: String
    /// The item that it became.
    package var mediaID: MediaID?
    /// Milliseconds since 1970, UTC.
    package var expires: Int64

    package init(
        id: UploadID = UploadID(), owner: String, length: Int?, received: Int = 0, part: Part = .whole, metadata: String = "",
        expires: Int64
    ) {
        self.id = id
        self.owner = owner
        self.length = length
        self.received = received
        self.part = part
        self.metadata = metadata
        self.expires = expires
    }

    package var isComplete: Bool { length == received }
    /// All bytes are there, but it is no media item yet.
    package var awaitsIntake: Bool { isComplete && part != .partial && mediaID == nil }
}
