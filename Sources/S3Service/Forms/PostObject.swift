import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ObjectStorage
import S3Wire
import WebAPI

/// Uploads by an HTML form: the fields say who sends it and what it may be, the file comes last.
extension S3Core {
    /// Bytes of all fields that stand before the file.
    private static let fieldBytes = 20 * 1024

    func postObject(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        let reader: FormReader
        do { reader = try FormReader(request, fieldBytes: Self.fieldBytes) } catch { throw S3Error.requestIsNotMultiPartContent }
        let form = try await reader.fields()
        let caller = try await authentication.caller(form: form.items)
        guard let template = form["key"], !template.isEmpty else {
            throw S3Error.invalidArgument.with(
                message: "Bucket POST must contain a field named 'key'. If it is specified, please check the order of the fields.")
        }
        guard let key = ObjectKey(template.replacing("${filename}", with: form.filename ?? "")) else { throw S3Error.keyTooLong }
        // What headers say of a PUT, fields say of a form.
        let request = request.with(headers: form.headers(beside: request.headers), caller: caller)

        var policy: PostPolicy?
        if let text = form["policy"] {
            policy = try PostPolicy(base64: text)
        } else if caller.user != nil {
            throw S3Error.invalidArgument.with(message: "Bucket POST must contain a field named 'policy'.")
        }
        let signed = form.signed(bucket: bucket.name.description, key: key.description)
        // All that the policy says but the size, which is not known before the file has come.
        try policy?.check(fields: signed, contentLength: nil, bucket: bucket.name.description, now: request.received)

        let tags = try form["tagging"].map {
            try TagSet(xml: try XMLElement.reading(ByteBuffer(string: $0)), limit: TagSet.objectLimit).tags
        }
        var attributes = try await newAttributes(request, bucket, key, tags: tags)
        let keys = try encryptionWish(request, bucket).map { try encryptionKeys.make($0) }
        attributes.encryption = keys?.encryption.text
        let limit = min(settings.putBytes, policy?.contentLengthRange?.upperBound ?? .max)
        let intake = try await receive(
            request.with(body: RequestBody(asyncSequence: reader.file(limit: limit))), dataKey: keys?.dataKey, checksum: .crc64nvme)
        do { try policy?.check(contentLength: intake.size) } catch {
            await intake.discard()
            throw error
        }
        let version = try await store(intake, key, bucket, request, attributes, cause: .post, writeGuard: nil)
        return answer(form, request, bucket, version, keys?.encryption)
    }

    private func answer(
        _ form: FormFields, _ request: S3Request, _ bucket: Bucket, _ version: ObjectVersion, _ encryption: ObjectEncryption?
    ) -> S3Response {
        let key = version.key.description
        let location = request.location(bucket.name, key)
        var headers: HTTPFields = [.eTag: "\"\(version.etag)\"", .location: location]
        if bucket.versioning == .enabled { headers[.versionID] = version.versionID }
        if let encryption { headers.append(contentsOf: encryption.headers) }
        if let target = form["success_action_redirect"] ?? form["redirect"], let scheme = target.split(separator: ":").first,
            scheme == "http" || scheme == "https", target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        {
            headers[.location] =
                target + (target.contains("?") ? "&" : "?")
                + "bucket=\(bucket.name.description.urlPercentEncoded)&key=\(key.urlPercentEncoded)&etag=%22\(version.etag)%22"
            return S3Response(.seeOther, headers: headers)
        }
        switch form["success_action_status"] {
        case "200": return S3Response(.ok, headers: headers)
        case "201":
            var xml = XMLWriter(root: "PostResponse", namespace: false)
            xml.element("Location", location)
            xml.element("Bucket", bucket.name.description)
            xml.element("Key", key)
            xml.element("ETag", "\"\(version.etag)\"")
            return S3Response(.created, headers: headers, body: .bytes(xml.finish()))
        default: return S3Response(.noContent, headers: headers)
        }
    }
}
