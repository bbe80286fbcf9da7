import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypesHTTP1
import ObjectStorage
import S3Wire
import WebAPI

/// GET and HEAD of objects whose key, bucket, index row and bytes are all in memory, and lists of folders that are, answered on the
/// connection's own thread. It decides by the same functions as the usual way does; whatever it cannot decide at once, and every error, goes
/// that way.
struct S3ReadyAnswers: ReadyAnswers {
    let core: S3Core
    let authentication: S3Authentication

    /// What a list may be asked with here. Any other name may be another operation's.
    private static let listParameters: Set<String> = [
        "list-type", "prefix", "delimiter", "max-keys", "encoding-type", "start-after", "continuation-token", "fetch-owner", "marker",
    ]

    func reply(to ready: ReadyRequest) -> ReadyReply? {
        let uri = ready.head.uri
        guard uri.utf8.first == UInt8(ascii: "/"), let answer = try? answer(Asked(ready, uri: uri)) else { return nil }
        return .made(answer)
    }

    /// A request before it is known whose it is.
    private struct Asked {
        let ready: ReadyRequest
        let path: String
        /// As it was sent; nil where there is none.
        let query: Substring?
        let authority: String

        init(_ ready: ReadyRequest, uri: String) {
            self.ready = ready
            authority = ready.head.headers.first(name: "host") ?? ""
            guard let mark = uri.utf8.firstIndex(of: UInt8(ascii: "?")) else {
                (path, query) = (uri, nil)
                return
            }
            (path, query) = (String(uri[..<mark]), uri[uri.utf8.index(after: mark)...])
        }
    }

    /// - Throws: what the usual way would, for nobody to see.
    private func answer(_ asked: Asked) throws -> MadeAnswer? {
        guard let address = S3Address(path: asked.path, host: asked.authority, domains: core.settings.domains),
            let bucketName = address.bucket.flatMap({ BucketName($0) })
        else { return nil }
        guard let text = address.key else { return try list(asked, address, bucketName) }
        guard asked.query == nil, let key = ObjectKey(text), let (bucket, version) = core.store.known(key, in: bucketName),
            !version.isDeleteMarker, let request = try signed(asked, address, S3Query(items: []))
        else { return nil }
        try core.rules.checkExpectedOwner(bucket, request.headers[.expectedBucketOwner])
        try core.rules.authorize(request, .getObject, bucket, key: key, object: version)
        let choice = try core.choose(version, request, bucket)
        guard choice.dataKey == nil else { return nil }
        var content = MadeAnswer.Content.none
        if let range = choice.range {
            switch core.store.bytesAtOnce(of: version, range, mostBytes: S3Responder.fileBytes) {
            case .bytes(let bytes): content = .bytes(bytes)
            case .file(let file):
                content = .file(OpenFile(file.descriptor, heldBy: file.holder), file.offset..<file.offset + range.count)
            case nil: return nil
            }
        }
        return made(request, asked.ready.isHEAD ? "HeadObject" : "GetObject", choice.status, choice.fields, content)
    }

    private func list(_ asked: Asked, _ address: S3Address, _ name: BucketName) throws -> MadeAnswer? {
        guard !asked.ready.isHEAD, let bucket = core.store.knownBucket(name), let query = S3Query(raw: asked.query ?? ""),
            query.items.allSatisfy({ Self.listParameters.contains($0.name) }), let request = try signed(asked, address, query)
        else { return nil }
        try core.rules.checkExpectedOwner(bucket, request.headers[.expectedBucketOwner])
        guard let response = try core.listObjectsAtOnce(request, bucket), case .bytes(let bytes) = response.body else { return nil }
        let fields: HTTPFields = [.contentType: "application/xml", .contentLength: String(bytes.readableBytes)]
        return made(request, core.listOperation(request), response.status, fields, .bytes(bytes))
    }

    /// The request with its caller; nil where it cannot be told at once who sends it, or a page of another origin wants the bucket's rules
    /// for it.
    private func signed(_ asked: Asked, _ address: S3Address, _ query: S3Query) throws -> S3Request? {
        var headers = HTTPFields(asked.ready.head.headers, splitCookie: false)
        // As behind the server's own conversion, which takes it for the authority.
        if headers.contains(.host) { headers[.host] = nil }
        guard !headers.contains(.origin) else { return nil }
        let method: HTTPRequest.Method = asked.ready.isHEAD ? .head : .get
        let unknown = S3Request(
            method: method, bucket: address.bucket, key: address.key, query: query, headers: headers,
            body: RequestBody(buffer: ByteBuffer()), caller: .anonymous, requestID: RequestID.make(),
            remoteAddress: APIRequestContext.client(
                peer: asked.ready.remote, forwarded: asked.ready.head.headers["X-Forwarded-For"], trusting: core.settings.trustedProxies),
            isSecure: S3Request.isSecure(headers, peer: asked.ready.remote, trusting: core.settings.trustedProxies), received: Date(),
            authority: asked.authority, isVirtualHosted: address.isVirtualHosted)
        return try authentication.authenticateAtOnce(
            unknown,
            SignedRequest(
                method: method.rawValue, path: asked.path, query: String(asked.query ?? ""), headers: headers, authority: asked.authority))
    }

    private func made(
        _ request: S3Request, _ operation: String, _ status: HTTPResponse.Status, _ fields: HTTPFields, _ content: MadeAnswer.Content
    ) -> MadeAnswer {
        var fields = fields
        S3Responder.identify(&fields, request.requestID)
        return MadeAnswer(
            route: S3Responder.route(operation), status: status, fields: fields, content: content, requestID: request.requestID)
    }
}
