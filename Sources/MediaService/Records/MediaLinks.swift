import Codecs
import Foundation
import Hummingbird
import WebAPI

/// The addresses of a media item's bytes: a pure function of its id, the preset and the format, so that they are valid
/// from the moment of the upload. Those of a private item are signed for a while.
struct MediaLinks: Sendable {
    /// Scheme, host and port, such as `https://media.example.org`; empty for links from the root.
    let base: String
    let signer: URLSigner
    /// When signed links end.
    let expires: Date
    /// Events carry plain links: a signature must not stand in a log for days.
    let signsPrivate: Bool
    /// What else an answer goes by: the language that its reader wants failures told in; nil for English, which events speak.
    var language: Translation? = nil

    func original(_ record: MediaRecord) -> String { link("/media/\(record.id)/original", record) }

    func rendition(_ record: MediaRecord, _ preset: String, _ format: OutputFormat) -> String {
        link("/media/\(record.id)/\(preset).\(format.fileExtension)", record)
    }

    /// What a video that is written for browsers is delivered as.
    static let webVideoFiles = ["web.mp4", "hls.mp4", "hls.m3u8"]

    func webVideo(_ record: MediaRecord) -> String { link("/media/\(record.id)/web.mp4", record) }
    func segments(_ record: MediaRecord) -> String { link("/media/\(record.id)/hls.mp4", record) }
    func playlist(_ record: MediaRecord) -> String { link("/media/\(record.id)/hls.m3u8", record) }

    private func link(_ path: String, _ record: MediaRecord) -> String {
        base + (signsPrivate && record.visibility == .private ? signer.sign(path, expires: expires) : path)
    }
}
