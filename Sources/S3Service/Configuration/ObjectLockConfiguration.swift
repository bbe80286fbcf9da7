import Foundation
import HTTPTypes
import ObjectStorage
import S3Wire
import WebAPI

/// `?object-lock`: versions of the bucket can be kept from deletion; perhaps for how long each new one is.
package struct ObjectLockConfiguration: ConfigurationDocument, Hashable {
    package static let documentName = "object-lock"
    package static let rootName = "ObjectLockConfiguration"

    struct DefaultRetention: Sendable, Hashable {
        enum Period: Sendable, Hashable {
            case days(Int)
            case years(Int)
        }

        let mode: ObjectRetention.Mode
        let period: Period

        /// Milliseconds since 1970 of the end of a retention that begins at `start`.
        func end(from start: Date) -> Int64 {
            let days: Int
            switch period {
            case .days(let count): days = count
            case .years(let count): days = count * 365
            }
            return Timestamp.milliseconds(start) + Int64(days) * 86_400_000
        }
    }

    let retention: DefaultRetention?

    init() { retention = nil }

    package init(xml root: XMLElement) throws(S3Error) {
        try root.allowOnly(["ObjectLockEnabled", "Rule"])
        guard root.value("ObjectLockEnabled") == "Enabled", root.all("Rule").count <= 1 else { throw .malformedXML }
        guard let rule = root["Rule"] else {
            retention = nil
            return
        }
        guard let entry = rule["DefaultRetention"], let mode = ObjectRetention.Mode(rawValue: entry.value("Mode") ?? "") else {
            throw .malformedXML
        }
        let (days, years) = (try entry.number("Days"), try entry.number("Years"))
        switch (days, years) {
        case (let days?, nil):
            // A hundred years are enough for days as for years.
            guard (1...36_500).contains(days) else { throw .invalidRetentionPeriod }
            retention = DefaultRetention(mode: mode, period: .days(days))
        case (nil, let years?):
            guard (1...100).contains(years) else { throw .invalidRetentionPeriod }
            retention = DefaultRetention(mode: mode, period: .years(years))
        default: throw .malformedXML
        }
    }

    package var children: [XMLElement] {
        var children = [XMLElement("ObjectLockEnabled", text: "Enabled")]
        if let retention {
            let period =
                switch retention.period {
                case .days(let count): XMLElement("Days", count)
                case .years(let count): XMLElement("Years", count)
                }
            let entry = XMLElement("DefaultRetention", children: [XMLElement("Mode", text: retention.mode.rawValue), period])
            children.append(XMLElement("Rule", children: [entry]))
        }
        return children
    }
}

extension ObjectRetention {
    /// `?retention` of an object: nil where the document takes the retention away.
    /// - Throws: `MalformedXML`, `InvalidArgument` for a date that is past.
    static func reading(_ root: XMLElement, now: Date) throws(S3Error) -> ObjectRetention? {
        guard root.name == "Retention" else { throw .malformedXML }
        if root.children.isEmpty { return nil }
        return try checked(mode: root.value("Mode"), until: root.value("RetainUntilDate"), now: now)
    }

    fileprivate static func checked(mode: String?, until: String?, now: Date) throws(S3Error) -> ObjectRetention {
        guard let mode = Mode(rawValue: mode ?? ""), let until = until.flatMap(Timestamp.milliseconds) else { throw .malformedXML }
        guard until > Timestamp.milliseconds(now) else {
            throw .invalidArgument.with(message: "The retain until date must be in the future!")
        }
        return ObjectRetention(mode: mode, until: until)
    }

    var xml: XMLElement {
        XMLElement(
            "Retention",
            children: [XMLElement("Mode", text: mode.rawValue), XMLElement("RetainUntilDate", text: Timestamp.text(milliseconds: until))])
    }
}

/// What locks of objects let be done, and what new objects get.
package struct ObjectLock: Sendable {
    let documents: DocumentCache

    package init(documents: DocumentCache) { self.documents = documents }

    func configuration(_ bucket: Bucket) throws(S3Error) -> ObjectLockConfiguration? {
        try documents.document(ObjectLockConfiguration.self, of: bucket)
    }

    private static let mode = HTTPField.Name("x-amz-object-lock-mode")!
    private static let until = HTTPField.Name("x-amz-object-lock-retain-until-date")!
    private static let hold = HTTPField.Name("x-amz-object-lock-legal-hold")!

    /// What a new version gets: what the headers say, else what the bucket says.
    /// - Throws: `InvalidArgument`; `InvalidRequest` where the bucket knows no locks.
    package func newVersion(
        _ headers: HTTPFields, in bucket: Bucket, now: Date
    ) throws(S3Error) -> (retention: ObjectRetention?, hasLegalHold: Bool?) {
        let configuration = try configuration(bucket)
        let (mode, until, hold) = (headers[Self.mode], headers[Self.until], headers[Self.hold])
        guard configuration != nil || (mode == nil && until == nil && hold == nil) else {
            throw .invalidRequest.with(message: "Bucket is missing Object Lock Configuration")
        }
        var hasLegalHold: Bool?
        if let hold {
            guard hold == "ON" || hold == "OFF" else { throw .invalidArgument.with(message: "Legal Hold must be either of 'ON' or 'OFF'") }
            hasLegalHold = hold == "ON"
        }
        guard mode != nil || until != nil else {
            let fallback = configuration?.retention
            return (fallback.map { ObjectRetention(mode: $0.mode, until: $0.end(from: now)) }, hasLegalHold)
        }
        guard let mode, let until else {
            throw .invalidArgument.with(
                message: "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied")
        }
        guard ObjectRetention.Mode(rawValue: mode) != nil else { throw .invalidArgument.with(message: "Unknown wormMode directive.") }
        guard Timestamp.milliseconds(until) != nil else {
            throw .invalidArgument.with(message: "The retain until date must be provided in ISO 8601 format")
        }
        return (try ObjectRetention.checked(mode: mode, until: until, now: now), hasLegalHold)
    }

    /// Whether a version may be deleted for good.
    /// - Parameter bypass: the caller asks to go past governance and may.
    /// - Throws: `AccessDenied`.
    package static func checkDeletion(_ version: ObjectVersion, bypass: Bool, now: Date) throws(S3Error) {
        if version.isDeleteMarker { return }
        if version.attributes.hasLegalHold == true {
            throw .accessDenied.with(message: "Access Denied because object protected by object lock.")
        }
        guard let retention = version.attributes.retention, retention.until > Timestamp.milliseconds(now) else { return }
        if retention.mode == .governance, bypass { return }
        throw .accessDenied.with(message: "Access Denied because object protected by object lock.")
    }

    /// To go with a deletion. Nil where none is needed: a deletion that names no version puts a marker over what is there, and takes
    /// nothing away in a bucket with versions, as one with locks is.
    package static func deletionGuard(versionID: String?, bypass: Bool, now: Date) -> VersionedObjectStore.Guard? {
        guard versionID != nil else { return nil }
        return { version in
            if let version { try checkDeletion(version, bypass: bypass, now: now) }
        }
    }

    /// Whether a version's retention may become this. What is set can be made longer by everybody who may set it; made shorter, taken
    /// away or changed in mode only where it is governance, by those who may bypass it.
    /// - Throws: `AccessDenied`.
    package static func checkChange(of old: ObjectRetention?, to new: ObjectRetention?, bypass: Bool, now: Date) throws(S3Error) {
        guard let old, old.until > Timestamp.milliseconds(now) else { return }
        if let new, new.mode == old.mode, new.until >= old.until { return }
        if old.mode == .governance, bypass { return }
        throw .accessDenied.with(message: "Access Denied because object protected by object lock.")
    }
}
