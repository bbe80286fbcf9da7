import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import ObjectStorage
import Persistence
import S3Wire
import WebAPI

/// Answers HTTP requests in S3's terms: who sends it, what is asked, and the answer or the error with its id.
public struct S3Responder: HTTPResponder {
    public typealias Context = APIRequestContext

    let core: S3Core
    let authentication: S3Authentication
    let ledger: RequestLedger

    public func respond(to request: Request, context: APIRequestContext) async throws -> Response {
        let start = ContinuousClock.now
        let requestID = RequestID.make()
        var context = context
        // The id that a client knows is the only one in the log.
        context.logger[metadataKey: "hb.request.id"] = nil
        var operation = "Unknown"
        var response: Response
        do {
            response = try await answer(request, context, requestID) { operation = $0 }
        } catch let error as HTTPParserError {
            // The connection answers it: what comes behind it on the wire cannot be trusted.
            throw error
        } catch {
            response = refuse(error, request, context, requestID)
        }
        Self.identify(&response.headers, requestID)
        ledger.note(
            RequestLedger.Entry(
                method: request.method.rawValue, route: Self.route(operation), status: response.status.code, path: request.uri.path,
                remote: context.remoteAddress, requestID: requestID, elapsed: ContinuousClock.now - start),
            logger: context.logger)
        return response
    }

    /// What every answer carries.
    static func identify(_ headers: inout HTTPFields, _ requestID: String) {
        // No answer has them before; to set them would be to look for them.
        headers.append(HTTPField(name: .amzRequestID, value: requestID))
        headers.append(HTTPField(name: .amzID2, value: requestID))
        if headers[.xContentTypeOptions] == nil { headers[.xContentTypeOptions] = "nosniff" }
    }

    /// What log and metrics call an operation.
    static func route(_ operation: String) -> String { "s3:" + operation }

    private func answer(
        _ request: Request, _ context: APIRequestContext, _ requestID: String, _ note: (String) -> Void
    ) async throws -> Response {
        let (path, query) = Self.target(request)
        let authority = request.head.authority ?? request.headers[.host] ?? ""
        guard let address = S3Address(path: String(path), host: authority, domains: core.settings.domains),
            let parsedQuery = S3Query(raw: query)
        else { throw S3Error.invalidURI }
        if request.method == .options {
            note("Preflight")
            return render(try await core.preflight(address.bucket, request.headers), request)
        }
        let signed = SignedRequest(
            method: request.method.rawValue, path: String(path), query: String(query), headers: request.headers, authority: authority)
        // A form brings its own signature among its fields.
        let isForm = request.method == .post && address.key == nil && (request.headers[.contentType] ?? "").hasPrefix("multipart/form-data")
        var s3 = S3Request(
            method: request.method, bucket: address.bucket, key: address.key, query: parsedQuery, headers: request.headers,
            body: request.body, caller: .anonymous, requestID: requestID,
            remoteAddress: APIRequestContext.client(
                peer: context.remoteAddress, forwarded: request.headers[values: HTTPField.Name("X-Forwarded-For")!],
                trusting: core.settings.trustedProxies),
            isSecure: S3Request.isSecure(request.headers, peer: context.remoteAddress, trusting: core.settings.trustedProxies),
            received: Date(), authority: authority, isVirtualHosted: address.isVirtualHosted)
        do {
            if !isForm { s3 = try await authentication.authenticate(s3, signed) }
            var response = try await core.route(s3, note)
            if request.headers[.origin] != nil {
                response.headers.append(contentsOf: try await core.corsFields(address.bucket, request.method, request.headers))
            }
            return render(response, request)
        } catch {
            guard request.headers[.origin] != nil else { throw error }
            var response = refuse(error, request, context, requestID)
            response.headers.append(
                contentsOf: (try? await core.corsFields(address.bucket, request.method, request.headers)) ?? [:])
            return response
        }
    }

    /// Path and query as they stand in the request; an absolute form loses what stands before its path.
    private static func target(_ request: Request) -> (path: Substring, query: Substring) {
        var target = Substring(request.head.path ?? "/")
        if let scheme = target.range(of: "://"), !target.hasPrefix("/") {
            target = target[scheme.upperBound...].drop { $0 != "/" && $0 != "?" }
        }
        let bytes = target.utf8
        guard let mark = bytes.firstIndex(of: UInt8(ascii: "?")) else { return (target, "") }
        return (target[..<mark], target[bytes.index(after: mark)...])
    }

    func render(_ response: S3Response, _ request: Request) -> Response {
        var headers = response.headers
        switch response.body {
        case .empty:
            if headers[.contentLength] == nil, response.status != .noContent, response.status != .notModified {
                headers[.contentLength] = "0"
            }
            return Response(status: response.status, headers: headers)
        case .bytes(let bytes):
            if headers[.contentType] == nil { headers[.contentType] = "application/xml" }
            if request.method == .head {
                headers[.contentLength] = String(bytes.readableBytes)
                return Response(status: response.status, headers: headers)
            }
            return Response(status: response.status, headers: headers, body: ResponseBody(byteBuffer: bytes))
        case .object(let reader, let range):
            return object(reader, range, response.status, headers, isHEAD: request.method == .head)
        case .stream(let stream, let length):
            return Response(
                status: response.status, headers: headers,
                body: ResponseBody(contentLength: length) { writer in
                    for try await chunk in stream { try await writer.write(chunk) }
                    try await writer.finish(nil)
                })
        }
    }

    /// Up to this size an answer is read at once; beyond it the kernel sends the file itself, and no byte of it is in memory.
    static let fileBytes = 64 * 1024

    private func object(
        _ reader: any VersionReader, _ range: Range<Int>, _ status: HTTPResponse.Status, _ headers: HTTPFields, isHEAD: Bool
    ) -> Response {
        if range.count > Self.fileBytes, !isHEAD, let outbox = FileOutbox.current, let place = try? reader.openDescriptor(range) {
            var headers = headers
            headers.append(outbox.post(OpenFile(owning: place.descriptor), place.offset..<place.offset + range.count))
            return Response(status: status, headers: headers)
        }
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: range.count) { writer in
                if range.count <= Self.fileBytes {
                    try await writer.write(try await reader.read(range))
                } else {
                    for try await chunk in reader.chunks(range) { try await writer.write(chunk) }
                }
                try await writer.finish(nil)
            })
    }

    private func refuse(_ error: any Error, _ request: Request, _ context: APIRequestContext, _ requestID: String) -> Response {
        let answer: S3Error
        if let known = S3Core.s3Error(error) {
            answer = known
            // The client hears that the server cannot; why is for whoever runs it.
            if known.status.kind == .serverError, !(error is S3Error) {
                context.logger.warning(
                    "a request was not served", metadata: ["request_id": "\(requestID)", "error": "\(String(reflecting: error))"])
            }
        } else if ConnectionLoss.isOne(error) {
            answer = .incompleteBody
        } else if error is CancellationError {
            answer = .serviceUnavailable
        } else {
            context.logger.error(
                "unexpected error", metadata: ["request_id": "\(requestID)", "error": "\(String(reflecting: error))"])
            answer = .internalError
        }
        var headers = answer.headers
        guard answer.status != .notModified else { return Response(status: .notModified, headers: headers) }
        let body = answer.body(requestID: requestID, resource: request.head.path.map { String($0.prefix { $0 != "?" }) })
        headers[.contentType] = "application/xml"
        if request.method == .head {
            headers[.contentLength] = String(body.readableBytes)
            return Response(status: answer.status, headers: headers)
        }
        return Response(status: answer.status, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}

extension S3Core {
    /// What a client sees of an error of the floors below; nil where it is meant for nobody.
    static func s3Error(_ error: any Error) -> S3Error? {
        switch error {
        case let error as S3Error: error
        case is BucketExists: .bucketAlreadyExists
        case is BucketNotEmpty: .bucketNotEmpty
        case is NoRoom: .quotaExceeded
        case is NoSuchUpload: .noSuchUpload
        case let error as NoSuchPart: .invalidPart.with(field: "PartNumber", String(error.number))
        case ObjectStoreError.noSuchBucket: .noSuchBucket
        case ObjectStoreError.diskFull, DatabaseError.diskFull: .storageFull
        case ObjectStoreError.unavailable: .serviceUnavailable
        case DatabaseError.unavailable, DatabaseError.conflict: .slowDown
        default: nil
        }
    }
}

extension HTTPField.Name {
    static let amzRequestID = Self("x-amz-request-id")!
    static let amzID2 = Self("x-amz-id-2")!
    static let host = Self("Host")!
    static let forwardedProto = Self("X-Forwarded-Proto")!
}
