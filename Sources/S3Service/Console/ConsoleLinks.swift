import Foundation
import HTTPTypes
import Hummingbird
import ObjectStorage
import S3Wire
import WebAPI

/// `POST /api/storage/buckets/{bucket}/links/`: a presigned address of the S3 endpoint, for whoever it is given to.
extension StorageConsole {
    var linkRoutes: [Route] {
        [
            route(.post, "buckets/{bucket}/links/", "Make an address that lets others download or upload one object for a while") { call in
                try await link(call)
            }
        ]
    }

    /// Seconds that a presigned address can be valid (Signature V4).
    private static let lifetimes = 1...604_800

    private func link(_ call: ConsoleCall) async throws -> Response {
        enum Method: String, CaseIterable { case get = "GET", put = "PUT" }
        var body = try await call.body()
        let name = body.requiredText("key")
        let method = body.choice("method", Method.self) ?? .get
        let lifetime = body.number("expires_in", in: Self.lifetimes) ?? 3600
        let versionID = body.text("version_id")
        let isDownload = body.flag("download") ?? false
        if !name.isEmpty, ObjectKey(name) == nil { body.refuse("key", "A key has 1 to 1,024 bytes.") }
        try body.check()
        // An address to download changes nothing.
        let bucket = try await bucket(call, toRead: method == .get)
        guard let root = keys.rootKey else { throw S3Error.invalidAccessKeyID }
        var query: [String] = []
        if isDownload, method == .get {
            let file = (name.split(separator: "/").last.map(String.init) ?? "object").urlPercentEncoded
            query.append("response-content-disposition=" + S3Signer.encode(query: "attachment; filename*=UTF-8''\(file)"))
        }
        if let versionID, method == .get { query.append("versionId=" + S3Signer.encode(query: versionID)) }
        let base = address.base(host: call.request.head.authority ?? "")
        let path = "/\(bucket.name)/" + S3Signer.encode(path: name)
        let now = Date()
        let signer = S3Signer(accessKey: root.id, secretKey: root.secret, region: core.settings.region)
        let signed = signer.presign(
            SignedRequest(method: method.rawValue, path: path, query: query.joined(separator: "&"), authority: base.authority),
            expires: lifetime, now: now)
        return .json(
            JSONText.object([
                ("url", JSONText.string("\(base.scheme)://\(base.authority)\(path)?\(signed)")),
                ("method", JSONText.string(method.rawValue)),
                ("expires", JSONText.string(Timestamp.text(now.addingTimeInterval(TimeInterval(lifetime))))),
            ]))
    }
}
