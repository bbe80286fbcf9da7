import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ObjectStorage
import S3Wire
import WebAPI

/// A request as S3 means it, once it is known who sends it.
struct S3Request: Sendable {
    let method: HTTPRequest.Method
    let bucket: String?
    /// Percent-decoded; nil for the bucket itself.
    let key: String?
    let query: S3Query
    let headers: HTTPFields
    /// What came, before any decoding of chunks; `payload` decodes and checks it.
    let body: RequestBody
    let caller: Caller
    let requestID: String
    /// The peer's address, for `aws:SourceIp`.
    let remoteAddress: String?
    /// Whether the client came by TLS, to the proxy that ends it.
    let isSecure: Bool
    let received: Date
    /// How the body is signed and framed.
    var payload: PayloadMode = .unsigned
    /// Of a body whose chunks are signed.
    var chunkSigning: ChunkSigning?
    /// `Host` as the client sent it.
    var authority = ""
    /// Whether its address carries the signature.
    var isPresigned = false
    /// Whether the host names the bucket.
    var isVirtualHosted = false

    /// Whether a client came by TLS: what a proxy that is trusted says; nobody else's word counts.
    static func isSecure(_ headers: HTTPFields, peer: String?, trusting proxies: [IPNetwork]) -> Bool {
        guard headers[.forwardedProto]?.lowercased() == "https", let address = peer.flatMap({ IPAddress($0) }) else { return false }
        return proxies.contains { $0.contains(address) }
    }

    /// Where the client finds an object, by the way in which it addressed this request.
    func location(_ bucket: BucketName, _ key: String) -> String {
        "\(isSecure ? "https" : "http")://\(authority)\(isVirtualHosted ? "" : "/\(bucket)")/\(key.s3URLEncoded)"
    }
}

/// The query of a request: names and percent-decoded values in order.
struct S3Query: Sendable, Hashable {
    let items: [Item]

    struct Item: Sendable, Hashable {
        let name: String
        let value: String
    }

    /// The first value of that name; empty where the name stands alone.
    subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    func contains(_ name: String) -> Bool { items.contains { $0.name == name } }
}

/// Who sends a request.
struct Caller: Sendable, Hashable {
    /// Nil for anonymous. Users are told apart by name, which is their canonical id as well.
    let user: String?
    let accessKey: String?
    /// The policy of the access key: what it may do at most, as JSON; nil: all that its user may.
    let policy: String?
    /// May do everything with every bucket.
    let isRoot: Bool

    static let anonymous = Caller(user: nil, accessKey: nil, policy: nil, isRoot: false)
}

extension S3Request {
    /// A change that this request makes, as the journal tells it.
    func origin(_ cause: ObjectChange.Cause) -> ObjectChange.Origin {
        let user = caller.user ?? AccessDecider.anonymousOwner
        return ObjectChange.Origin(cause, by: .init(user: user, requestID: requestID, address: remoteAddress))
    }

    /// The same request with one parameter of its query left out.
    func without(query name: String) -> S3Request {
        guard query.contains(name) else { return self }
        return copy(query: S3Query(items: query.items.filter { $0.name != name }))
    }

    /// The same request, once it is known who sends it.
    func with(caller: Caller, payload: PayloadMode, chunkSigning: ChunkSigning?, isPresigned: Bool) -> S3Request {
        var request = copy(caller: caller)
        request.payload = payload
        request.chunkSigning = chunkSigning
        request.isPresigned = isPresigned
        return request
    }

    /// The same request with other headers.
    func with(headers: HTTPFields, caller: Caller) -> S3Request { copy(headers: headers, caller: caller) }

    /// The same request with a body that was taken out of the one that came. It is neither framed nor signed.
    func with(body: RequestBody) -> S3Request {
        var request = copy(body: body)
        request.payload = .unsigned
        request.chunkSigning = nil
        return request
    }

    private func copy(
        query: S3Query? = nil, headers: HTTPFields? = nil, caller: Caller? = nil, body: RequestBody? = nil
    ) -> S3Request {
        S3Request(
            method: method, bucket: bucket, key: key, query: query ?? self.query, headers: headers ?? self.headers, body: body ?? self.body,
            caller: caller ?? self.caller, requestID: requestID, remoteAddress: remoteAddress, isSecure: isSecure, received: received,
            payload: payload, chunkSigning: chunkSigning, authority: authority, isPresigned: isPresigned, isVirtualHosted: isVirtualHosted)
    }
}
