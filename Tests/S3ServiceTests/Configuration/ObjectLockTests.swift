import Foundation
import HTTPTypes
import ObjectStorage
import S3Service
import S3Wire
import Testing

@Suite struct ObjectLockTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let lock = ObjectLock(documents: DocumentCache())
    private var later: Int64 { 1_800_000_000_000 + 86_400_000 }

    private func locked(_ mode: ObjectRetention.Mode?, until: Int64 = 0, hold: Bool = false) -> ObjectVersion {
        var version = Sample.version()
        version.attributes.retention = mode.map { ObjectRetention(mode: $0, until: until) }
        version.attributes.hasLegalHold = hold
        return version
    }

    private func mayDelete(_ version: ObjectVersion, bypass: Bool = false) -> Bool {
        (try? ObjectLock.checkDeletion(version, bypass: bypass, now: now)) != nil
    }

    private func mayChange(_ old: ObjectRetention?, _ new: ObjectRetention?, bypass: Bool = false) -> Bool {
        (try? ObjectLock.checkChange(of: old, to: new, bypass: bypass, now: now)) != nil
    }

    @Test func aLockedVersionStays() {
        #expect(mayDelete(locked(nil)))
        #expect(!mayDelete(locked(.governance, until: later)))
        #expect(mayDelete(locked(.governance, until: later), bypass: true))
        #expect(!mayDelete(locked(.compliance, until: later), bypass: true))
        #expect(mayDelete(locked(.compliance, until: 1_799_999_999_000)))
        #expect(!mayDelete(locked(nil, hold: true), bypass: true), "a legal hold knows no bypass")
        #expect(mayDelete(Sample.version(isMarker: true)))
    }

    @Test func aDeletionThatNamesNoVersionTakesNothingAway() {
        #expect(ObjectLock.deletionGuard(versionID: nil, bypass: false, now: now) == nil)
        let guarded = ObjectLock.deletionGuard(versionID: "null", bypass: false, now: now)
        #expect(throws: S3Error.accessDenied) { try guarded?(locked(.compliance, until: later)) }
        #expect(throws: Never.self) { try guarded?(nil) }
    }

    @Test func aRetentionGrowsFreelyAndShrinksByBypass() {
        let governance = ObjectRetention(mode: .governance, until: later)
        let compliance = ObjectRetention(mode: .compliance, until: later)
        #expect(mayChange(nil, compliance))
        #expect(mayChange(governance, ObjectRetention(mode: .governance, until: later + 1)))
        #expect(!mayChange(governance, ObjectRetention(mode: .governance, until: later - 1)))
        #expect(mayChange(governance, ObjectRetention(mode: .governance, until: later - 1), bypass: true))
        #expect(!mayChange(governance, compliance))
        #expect(mayChange(governance, compliance, bypass: true))
        #expect(!mayChange(governance, nil))
        #expect(mayChange(governance, nil, bypass: true))
        #expect(mayChange(compliance, ObjectRetention(mode: .compliance, until: later + 1)))
        #expect(!mayChange(compliance, ObjectRetention(mode: .compliance, until: later - 1), bypass: true))
        #expect(!mayChange(compliance, governance, bypass: true))
        #expect(!mayChange(compliance, nil, bypass: true))
        #expect(mayChange(ObjectRetention(mode: .compliance, until: 0), nil), "what has ended binds nobody")
    }

    @Test func aNewVersionGetsWhatItsHeadersSayElseWhatTheBucketSays() throws {
        let plain = Sample.bucket([
            "object-lock": "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>"
        ])
        let keeping = Sample.bucket([
            "object-lock": """
            <ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode>\
            <Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>
            """
        ])
        func fields(_ mode: String?, _ until: String?, _ hold: String? = nil) -> HTTPFields {
            var fields: HTTPFields = [:]
            fields[HTTPField.Name("x-amz-object-lock-mode")!] = mode
            fields[HTTPField.Name("x-amz-object-lock-retain-until-date")!] = until
            fields[HTTPField.Name("x-amz-object-lock-legal-hold")!] = hold
            return fields
        }
        #expect(try lock.newVersion([:], in: plain, now: now).retention == nil)
        #expect(try lock.newVersion([:], in: keeping, now: now).retention == ObjectRetention(mode: .governance, until: later))
        let own = try lock.newVersion(fields("COMPLIANCE", "2030-01-01T00:00:00Z", "ON"), in: keeping, now: now)
        #expect(own.retention == ObjectRetention(mode: .compliance, until: 1_893_456_000_000))
        #expect(own.hasLegalHold == true)
        #expect(try lock.newVersion(fields(nil, nil, "OFF"), in: plain, now: now).hasLegalHold == false)
        #expect(try lock.newVersion([:], in: plain, now: now).hasLegalHold == nil, "never set")
        let bad: [(HTTPFields, Bucket, String)] = [
            (fields("GOVERNANCE", "2030-01-01T00:00:00Z"), Sample.bucket(), "InvalidRequest"),
            (fields(nil, nil, "ON"), Sample.bucket(), "InvalidRequest"),
            (fields("GOVERNANCE", nil), plain, "InvalidArgument"),
            (fields("governance", "2030-01-01T00:00:00Z"), plain, "InvalidArgument"),
            (fields("GOVERNANCE", "2020-01-01T00:00:00Z"), plain, "InvalidArgument"),
            (fields("GOVERNANCE", "soon"), plain, "InvalidArgument"),
            (fields(nil, nil, "yes"), plain, "InvalidArgument"),
        ]
        for (headers, bucket, code) in bad {
            let error = #expect(throws: S3Error.self) { try lock.newVersion(headers, in: bucket, now: now) }
            #expect(error?.code == code)
        }
    }
}
