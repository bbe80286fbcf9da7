import Foundation
import HTTPTypes
import ObjectStorage
import S3Wire
import WebAPI

/// The conditions of a request (RFC 9110 section 13), by S3's rules: an entity tag may come without its quotes.
struct ETagConditions: Sendable {
    let ifMatch: [String]?
    let ifNoneMatch: [String]?
    let ifModifiedSince: Date?
    let ifUnmodifiedSince: Date?

    enum Outcome: Sendable, Equatable {
        case holds
        /// 412.
        case failed
        /// 304.
        case notModified
    }

    init(_ headers: HTTPFields) {
        ifMatch = Self.tags(headers[.ifMatch])
        ifNoneMatch = Self.tags(headers[.ifNoneMatch])
        ifModifiedSince = headers[.ifModifiedSince].flatMap(HTTPDate.parse)
        ifUnmodifiedSince = headers[.ifUnmodifiedSince].flatMap(HTTPDate.parse)
    }

    /// Of the source of a copy: `x-amz-copy-source-if-…`.
    init(copySource headers: HTTPFields) {
        ifMatch = Self.tags(headers[.copySourceIfMatch])
        ifNoneMatch = Self.tags(headers[.copySourceIfNoneMatch])
        ifModifiedSince = headers[.copySourceIfModifiedSince].flatMap(HTTPDate.parse)
        ifUnmodifiedSince = headers[.copySourceIfUnmodifiedSince].flatMap(HTTPDate.parse)
    }

    var isEmpty: Bool { ifMatch == nil && ifNoneMatch == nil && ifModifiedSince == nil && ifUnmodifiedSince == nil }

    /// In the order of RFC 9110 section 13.2.2.
    func evaluate(etag: String, modified: Int64) -> Outcome {
        let seconds = Double(modified / 1000)
        if let ifMatch {
            if !Self.matches(ifMatch, etag) { return .failed }
        } else if let ifUnmodifiedSince, seconds > ifUnmodifiedSince.timeIntervalSince1970 {
            return .failed
        }
        if let ifNoneMatch {
            if Self.matches(ifNoneMatch, etag) { return .notModified }
        } else if let ifModifiedSince, seconds <= ifModifiedSince.timeIntervalSince1970 {
            return .notModified
        }
        return .holds
    }

    /// Whether `If-Range` (RFC 9110 section 13.1.5) means this version, so that a part of it fits to what the client has; true without one.
    static func isCurrent(_ ifRange: String?, etag: String, modified: Int64) -> Bool {
        guard let ifRange else { return true }
        if let date = HTTPDate.parse(ifRange) { return Double(modified / 1000) == date.timeIntervalSince1970 }
        // A weak tag says nothing of bytes.
        return !ifRange.hasPrefix("W/") && bare(ifRange) == etag
    }

    /// What keeps a write from replacing what is there: `If-Match` and `If-None-Match`; nil where the request has neither.
    var writeGuard: VersionedObjectStore.Guard? {
        guard ifMatch != nil || ifNoneMatch != nil else { return nil }
        return { current in
            let current = current.flatMap { $0.isDeleteMarker ? nil : $0 }
            if let ifMatch {
                guard let current else { throw S3Error.noSuchKey }
                guard Self.matches(ifMatch, current.etag) else { throw S3Error.preconditionFailed.with(field: "Condition", "If-Match") }
            }
            if let ifNoneMatch, let current, Self.matches(ifNoneMatch, current.etag) {
                throw S3Error.preconditionFailed.with(field: "Condition", "If-None-Match")
            }
        }
    }

    static func tags(_ list: String?) -> [String]? {
        list?.split(separator: ",").map { Self.bare($0.trimmingCharacters(in: .whitespaces)) }
    }

    /// Without quotes and the mark of a weak tag.
    static func bare(_ tag: String) -> String {
        var tag = Substring(tag)
        if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
        if tag.count >= 2, tag.hasPrefix("\""), tag.hasSuffix("\"") { tag = tag.dropFirst().dropLast() }
        return String(tag)
    }

    static func matches(_ tags: [String], _ etag: String) -> Bool { tags.contains { $0 == "*" || $0 == etag } }
}

/// What a deletion may be tied to, beyond the tag (S3 has these for directory buckets).
struct DeleteConditions: Sendable {
    var etags: [String]?
    /// Seconds since 1970.
    var modified: Int64?
    var size: Int?

    var isEmpty: Bool { etags == nil && modified == nil && size == nil }

    init() {}

    init(_ headers: HTTPFields) {
        etags = ETagConditions.tags(headers[.ifMatch])
        modified = headers[.ifMatchLastModifiedTime].flatMap(HTTPDate.parse).map { Int64($0.timeIntervalSince1970) }
        size = headers[.ifMatchSize].flatMap { Int($0) }
    }

    /// Nothing there satisfies every condition: there is nothing to delete.
    func check(_ current: ObjectVersion?) throws(S3Error) {
        guard let current else { return }
        let holds =
            (etags.map { ETagConditions.matches($0, current.etag) } ?? true)
            && (modified.map { $0 == current.modified / 1000 } ?? true) && (size.map { $0 == current.clientSize } ?? true)
        // A delete marker has neither tag nor size; `*` finds it nevertheless.
        guard holds, !current.isDeleteMarker || etags == ["*"] else { throw S3Error.preconditionFailed }
    }
}

extension HTTPField.Name {
    static let copySourceIfMatch = Self("x-amz-copy-source-if-match")!
    static let copySourceIfNoneMatch = Self("x-amz-copy-source-if-none-match")!
    static let copySourceIfModifiedSince = Self("x-amz-copy-source-if-modified-since")!
    static let copySourceIfUnmodifiedSince = Self("x-amz-copy-source-if-unmodified-since")!
    static let ifMatchLastModifiedTime = Self("x-amz-if-match-last-modified-time")!
    static let ifMatchSize = Self("x-amz-if-match-size")!
}
