import Foundation
import HTTPTypes
import Hummingbird
import ObjectStorage
import S3Wire
import Schemas
import WebAPI

/// `POST /api/storage/buckets/{bucket}/links/`: a presigned address of the S3 endpoint, for whoever it is given to.
extension StorageConsole {
    var linkRoutes: [Route] {
        [
            route(
                .post, "buckets/{bucket}/links/", "Make an address that lets others download or upload one object for a while",
                endpoint(
                    "A presigned address of the S3 endpoint.", parameters: [.bucket], body: .json(Self.wish), answers: [.ok(Self.made)])
            ) { call in try await link(call) }
        ]
    }

    /// Seconds that a presigned address can be valid (Signature V4).
    private static let lifetimes = 1...604_800

    private enum Method: String, CaseIterable { case get = "GET", put = "PUT" }
    private static let wish = JSONSchema.object(
        .required("key", StorageSchemas.key), .optional("method", .choice(Method.self).nullable.described("GET where it is not said")),
        .optional("expires_in", .integer(lifetimes).nullable.described("Seconds; an hour where it is not said")),
        .optional("version_id", StorageSchemas.versionID.nullable), .optional("download", .boolean.nullable))
    private static let made = JSONSchema.object(
        .required("url", .string(format: .uri)), .required("method", .choice(Method.self)), .required("expires", .dateTime))

    private func link(_ call: Call) async throws -> Response {
        let name = call.body["key"]?.string ?? ""
        let method = call.body["method"]?.string.flatMap(Method.init) ?? .get
        let lifetime = call.body["expires_in"]?.integer ?? 3600
        let versionID = call.body["version_id"]?.string
        let isDownload = call.body["download"]?.bool ?? false
        guard ObjectKey(name) != nil else { throw Self.noKey("key") }
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
        return .unkept(
            JSONText.object([
                ("url", JSONText.string("\(base.scheme)://\(base.authority)\(path)?\(signed)")),
                ("method", JSONText.string(method.rawValue)),
                ("expires", JSONText.string(Timestamp.text(now.addingTimeInterval(TimeInterval(lifetime))))),
            ]))
    }
}
