import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypesHTTP1
import ObjectStorage
import S3Wire
import WebAPI

/// GET and HEAD of objects whose key, bucket, index row and bytes are all in memory, answered on the connection's own thread. It
/// decides by the same functions as the usual way does; whatever it cannot decide at once, and every error, goes that way.
struct S3ReadyAnswers: ReadyAnswers {
    let core: S3Core
    let authentication: S3Authentication

    func reply(to ready: ReadyRequest) -> ReadyReply? {
        // A query may name another operation, and a page of another origin wants the bucket's rules for it.
        guard !ready.head.uri.utf8.contains(UInt8(ascii: "?")), ready.head.uri.utf8.first == UInt8(ascii: "/"),
            let answer = try? answer(ready)
        else { return nil }
        return .made(answer)
    }

    /// - Throws: what the usual way would, for nobody to see.
    private func answer(_ ready: ReadyRequest) throws -> MadeAnswer? {
        let path = ready.head.uri
        let authority = ready.head.headers.first(name: "host") ?? ""
        guard let address = S3Address(path: path, host: authority, domains: core.settings.domains), let text = address.key,
            let key = ObjectKey(text), let bucketName = address.bucket.flatMap({ BucketName($0) }),
            let (bucket, version) = core.store.known(key, in: bucketName), !version.isDeleteMarker
        else { return nil }
        var headers = HTTPFields(ready.head.headers, splitCookie: false)
        // As behind the server's own conversion, which takes it for the authority.
        headers[.host] = nil
        guard headers[.origin] == nil else { return nil }
        let requestID = RequestID.make()
        let method: HTTPRequest.Method = ready.isHEAD ? .head : .get
        let unknown = S3Request(
            method: method, bucket: address.bucket, key: text, query: S3Query(items: []), headers: headers,
            body: RequestBody(buffer: ByteBuffer()), caller: .anonymous, requestID: requestID, remoteAddress: ready.remote,
            isSecure: headers[.forwardedProto] == "https", received: Date(), authority: authority)
        let signed = SignedRequest(method: method.rawValue, path: path, headers: headers, authority: authority)
        guard let request = try authentication.authenticateAtOnce(unknown, signed) else { return nil }
        try core.rules.checkExpectedOwner(bucket, headers[.expectedBucketOwner])
        try core.rules.authorize(request, .getObject, bucket, key: key, object: version)
        let choice = try core.choose(version, request, bucket)
        guard choice.dataKey == nil else { return nil }
        var content = MadeAnswer.Content.none
        if let range = choice.range {
            switch core.store.bytesAtOnce(of: version, range, mostBytes: S3Responder.fileBytes) {
            case .bytes(let bytes): content = .bytes(bytes)
            case .file(let descriptor, let offset): content = .file(OpenFile(owning: descriptor), offset..<offset + range.count)
            case nil: return nil
            }
        }
        var fields = choice.fields
        S3Responder.identify(&fields, requestID)
        return MadeAnswer(
            route: S3Responder.route(ready.isHEAD ? "HeadObject" : "GetObject"), status: choice.status, fields: fields, content: content,
            requestID: requestID)
    }
}
