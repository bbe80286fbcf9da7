import Foundation
import ObjectStorage
import S3Wire
import WebAPI

/// `?lifecycle`: when objects of a bucket go by themselves.
package struct LifecycleConfiguration: ConfigurationDocument, Hashable {
    package static let documentName = "lifecycle"
    package static let rootName = "LifecycleConfiguration"
    /// Rules of a bucket, at most.
    static let maximumRules = 1000
    /// For a thousand rules with filters.
    package static let maximumSize = 1 << 20

    struct Rule: Sendable, Hashable {
        let id: String
        let isEnabled: Bool
        /// Of the rule itself, as clients of before 2016 write it.
        let legacyPrefix: String?
        let filter: LifecycleFilter?
        var expiration: Expiration?
        var noncurrentExpiration: NoncurrentExpiration?
        /// Days after its beginning that an upload is aborted, if it is not complete.
        var abortDays: Int?

        var prefix: String { legacyPrefix ?? filter?.prefix ?? "" }
    }

    enum Expiration: Sendable, Hashable {
        case days(Int)
        /// Milliseconds since 1970, at the beginning of a day.
        case date(Int64)
        /// Removes delete markers that are all that is left of a key.
        case deleteMarker(Bool)
    }

    struct NoncurrentExpiration: Sendable, Hashable {
        let days: Int
        /// Of the noncurrent versions, the newest that stay whatever their age.
        let newerVersions: Int?
    }

    let rules: [Rule]

    package init(xml root: XMLElement) throws(S3Error) {
        try root.allowOnly(["Rule"])
        guard !root.children.isEmpty, root.children.count <= Self.maximumRules else { throw .malformedXML }
        var rules: [Rule] = []
        for entry in root.children { rules.append(try Rule(xml: entry)) }
        guard Set(rules.map(\.id)).count == rules.count else {
            throw .invalidArgument.with(message: "Rule ID must be unique. Found same ID for more than one rule")
        }
        self.rules = rules
    }

    package var children: [XMLElement] { rules.map(\.xml) }
}

extension LifecycleConfiguration.Rule {
    fileprivate init(xml entry: XMLElement) throws(S3Error) {
        try entry.allowOnly([
            "ID", "Status", "Prefix", "Filter", "Expiration", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload", "Transition",
            "NoncurrentVersionTransition",
        ])
        if let id = entry.value("ID"), !id.isEmpty {
            guard id.utf8.count <= 255 else { throw .invalidArgument.with(message: "ID length should not exceed allowed limit of 255") }
            self.id = id
        } else {
            id = UUID().uuidString.lowercased()
        }
        switch entry.value("Status") {
        case "Enabled": isEnabled = true
        case "Disabled": isEnabled = false
        default: throw .malformedXML
        }
        legacyPrefix = entry["Prefix"]?.text
        filter = try entry["Filter"].map { element throws(S3Error) in try LifecycleFilter(xml: element) }
        guard (legacyPrefix == nil) != (filter == nil) else { throw .malformedXML }
        expiration = try entry["Expiration"].map { element throws(S3Error) in try LifecycleConfiguration.Expiration(xml: element) }
        if let element = entry["NoncurrentVersionExpiration"] {
            guard let days = try element.number("NoncurrentDays") else { throw .malformedXML }
            let newer = try element.number("NewerNoncurrentVersions")
            try Self.checkPositive(days, "NoncurrentDays")
            if let newer, !(1...100).contains(newer) {
                throw .invalidArgument.with(message: "'NewerNoncurrentVersions' must be between 1 and 100")
            }
            noncurrentExpiration = .init(days: days, newerVersions: newer)
        }
        if let element = entry["AbortIncompleteMultipartUpload"] {
            guard let days = try element.number("DaysAfterInitiation") else { throw .malformedXML }
            try Self.checkPositive(days, "DaysAfterInitiation")
            guard filter.map(\.concernsUploads) ?? true else {
                throw .invalidRequest.with(message: "AbortIncompleteMultipartUpload cannot be specified with Tags or ObjectSize.")
            }
            abortDays = days
        }
        try Self.refuseTransitions(entry)
        guard expiration != nil || noncurrentExpiration != nil || abortDays != nil else {
            throw .invalidRequest.with(message: "At least one action needs to be specified in a rule")
        }
        if case .deleteMarker = expiration, filter?.tags.isEmpty == false {
            throw .invalidRequest.with(message: "ExpiredObjectDeleteMarker cannot be specified with Tags.")
        }
    }

    /// There is one storage class: a rule that moves objects to another is not kept as if it did.
    private static func refuseTransitions(_ entry: XMLElement) throws(S3Error) {
        for transition in entry.all("Transition") {
            if let date = transition.value("Date") { _ = try LifecycleConfiguration.Expiration.midnight(date) }
            if let days = try transition.number("Days"), days < 0 {
                throw .invalidArgument.with(message: "'Days' for Transition action must be nonnegative")
            }
        }
        guard entry["Transition"] == nil, entry["NoncurrentVersionTransition"] == nil else {
            throw .notImplemented.with(message: "This server has one storage class; there is nothing to transition objects to.")
        }
    }

    fileprivate static func checkPositive(_ days: Int, _ name: String) throws(S3Error) {
        // Beyond a thousand years sums of times would overflow one day.
        guard (1...365_000).contains(days) else {
            throw .invalidArgument.with(message: "'\(name)' must be a positive integer, and not more than 365000")
        }
    }

    fileprivate var xml: XMLElement {
        var rule = XMLElement("Rule", children: [XMLElement("ID", text: id)])
        if let legacyPrefix { rule.children.append(XMLElement("Prefix", text: legacyPrefix)) }
        if let filter { rule.children.append(filter.xml) }
        rule.children.append(XMLElement("Status", text: isEnabled ? "Enabled" : "Disabled"))
        if let expiration { rule.children.append(expiration.xml) }
        if let noncurrentExpiration {
            var element = XMLElement("NoncurrentVersionExpiration", children: [XMLElement("NoncurrentDays", noncurrentExpiration.days)])
            if let newer = noncurrentExpiration.newerVersions { element.children.append(XMLElement("NewerNoncurrentVersions", newer)) }
            rule.children.append(element)
        }
        if let abortDays {
            rule.children.append(
                XMLElement("AbortIncompleteMultipartUpload", children: [XMLElement("DaysAfterInitiation", abortDays)]))
        }
        return rule
    }
}

extension LifecycleConfiguration.Expiration {
    fileprivate init(xml element: XMLElement) throws(S3Error) {
        try element.allowOnly(["Days", "Date", "ExpiredObjectDeleteMarker"])
        guard element.children.count == 1 else { throw .malformedXML }
        if let days = try element.number("Days") {
            try LifecycleConfiguration.Rule.checkPositive(days, "Days")
            self = .days(days)
        } else if let text = element.value("Date") {
            self = .date(try Self.midnight(text))
        } else if let flag = try element.flag("ExpiredObjectDeleteMarker") {
            self = .deleteMarker(flag)
        } else {
            throw .malformedXML
        }
    }

    fileprivate static func midnight(_ text: String) throws(S3Error) -> Int64 {
        guard let time = Timestamp.milliseconds(text) else { throw .malformedXML }
        guard time % 86_400_000 == 0 else { throw .invalidArgument.with(message: "'Date' must be at midnight GMT") }
        return time
    }

    fileprivate var xml: XMLElement {
        let child =
            switch self {
            case .days(let days): XMLElement("Days", days)
            case .date(let date): XMLElement("Date", text: Timestamp.text(milliseconds: date))
            case .deleteMarker(let flag): XMLElement("ExpiredObjectDeleteMarker", flag)
            }
        return XMLElement("Expiration", children: [child])
    }
}
