import Codecs
import Foundation
import Hummingbird
import Persistence
import WebAPI

/// A video's media playlist of HTTP Live Streaming (RFC 8216): its segments are ranges of one file of fragmented MP4.
enum Playlist {
    /// - Throws: `APIError.notFound` where the video has no segments (yet).
    static func response(_ record: MediaRecord, core: MediaCore, request: Request) async throws -> Response {
        guard record.playback?.status == .ready, let list = try await segments(of: record.id, core) else { throw APIError.notFound }
        let links = core.links(for: request)
        let text = text(list, address: links.segments(record))
        // The links in it end some time where the item is private.
        let headers: HTTPFields = [
            .contentType: "application/vnd.apple.mpegurl", .accessControlAllowOrigin: "*",
            .accessControlExposeHeaders: DeliveryResponse.exposed,
            .cacheControl: record.visibility == .public ? "public, max-age=3600" : "private, no-cache",
            DeliveryResponse.cacheTag: DeliveryResponse.tag(record.id),
        ]
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// What it needs of a `WebVideo`, whichever version has stored it.
    private struct Stored: Decodable {
        let segments: [WebVideo.Segment]
    }

    private static func segments(of id: MediaID, _ core: MediaCore) async throws -> [WebVideo.Segment]? {
        let text = try await core.database.read { connection in
            try connection.query("SELECT list FROM segment_lists WHERE media_id = $1", [SQLValue(id.description)]).first?.text("list")
        }
        return try text.map { try JSONDecoder().decode(Stored.self, from: Data($0.utf8)).segments }
    }

    /// - Parameter segments: the first is what stands before all others (`EXT-X-MAP`).
    static func text(_ segments: [WebVideo.Segment], address: String) -> String {
        guard let map = segments.first else { return "" }
        let media = segments.dropFirst()
        let longest = media.map(\.duration).max() ?? 0
        let target = max(1, Int((Double(longest) / 1e6).rounded(.up)))
        var lines = [
            "#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:\(target)", "#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD",
            "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-MAP:URI=\"\(address)\",BYTERANGE=\"\(map.size)@\(map.offset)\"",
        ]
        for segment in media {
            lines += ["#EXTINF:\(Double(segment.duration) / 1e6),", "#EXT-X-BYTERANGE:\(segment.size)@\(segment.offset)", address]
        }
        return (lines + ["#EXT-X-ENDLIST", ""]).joined(separator: "\n")
    }
}
