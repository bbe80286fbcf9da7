import Foundation
import ObjectStorage
import WebAPI

/// What answers tell of the lifecycle. Days are real ones here: `s3-lifecycle-day` shortens what the server does, not what it says.
extension LifecycleConfiguration {
    /// `x-amz-expiration`: when the current version goes, by the rule that comes first; nil where none does.
    package func expiration(of version: ObjectVersion) -> String? {
        var first: (time: Int64, id: String)?
        for rule in rules where rule.isEnabled && rule.matches(version) {
            let time: Int64
            switch rule.expiration {
            case .days(let days): time = LifecycleClock.real.due(version.modified, days)
            case .date(let date): time = date
            case .deleteMarker, nil: continue
            }
            if first.map({ time < $0.time }) ?? true { first = (time, rule.id) }
        }
        return first.map { "expiry-date=\"\(Self.httpDate($0.time))\", rule-id=\"\(Self.escaped($0.id))\"" }
    }

    /// `x-amz-abort-date` and `x-amz-abort-rule-id` of an upload that begins; nil where no rule aborts it.
    package func abortion(of key: ObjectKey, begun: Int64) -> (date: String, ruleID: String)? {
        rules.filter { $0.isEnabled && $0.matches(key: key.description) }
            .compactMap { rule in rule.abortDays.map { (LifecycleClock.real.due(begun, $0), rule.id) } }
            .min { $0.0 < $1.0 }
            .map { (Self.httpDate($0.0), Self.escaped($0.1)) }
    }

    private static func httpDate(_ milliseconds: Int64) -> String {
        HTTPDate.format(Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    }

    /// A rule's id may hold what a header may not.
    private static func escaped(_ id: String) -> String {
        id.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 }
            ? id : id.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
