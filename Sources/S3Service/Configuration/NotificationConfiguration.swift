import Foundation
import S3Wire

/// `?notification`: who is told of what happens to a bucket's objects. A target is named by an ARN: a webhook that the operator set
/// up (`arn:agrovet:sqs::NAME:webhook`) or the event log (`arn:agrovet:sqs::log:events`).
package struct NotificationConfiguration: ConfigurationDocument, Hashable {
    package static let documentName = "notification"
    package static let rootName = "NotificationConfiguration"
    /// Rules of a bucket, at most.
    static let maximumRules = 100

    /// The three kinds that S3 tells apart; to this server one target is as good as another.
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case topic = "Topic"
        case queue = "Queue"
        case function = "CloudFunction"

        var element: String { rawValue + "Configuration" }
    }

    struct Rule: Sendable, Hashable {
        let kind: Kind
        let id: String
        let arn: String
        /// Such as `s3:ObjectCreated:*`.
        let events: [String]
        let prefix: String?
        let suffix: String?

        /// - Parameters:
        ///   - event: such as `s3:ObjectCreated:Put`.
        ///   - key: of the object.
        package func matches(event: String, key: String) -> Bool {
            let (key, prefix, suffix) = (key.utf8, (prefix ?? "").utf8, (suffix ?? "").utf8)
            guard key.starts(with: prefix), key.reversed().starts(with: suffix.reversed()) else { return false }
            return events.contains { pattern in
                pattern.hasSuffix("*") ? event.hasPrefix(pattern.dropLast()) : pattern == event
            }
        }

        /// The name of the webhook; nil for the event log.
        var webhook: String? { NotificationTarget.webhook(arn) }
    }

    let rules: [Rule]
    /// `EventBridgeConfiguration`: the event log.
    let tellsLog: Bool

    /// Nothing at all takes the configuration away.
    var isEmpty: Bool { rules.isEmpty && !tellsLog }

    package init(xml root: XMLElement) throws(S3Error) {
        var rules: [Rule] = []
        var tellsLog = false
        for entry in root.children {
            if entry.name == "EventBridgeConfiguration" {
                tellsLog = true
            } else if let kind = Kind.allCases.first(where: { $0.element == entry.name }) {
                rules.append(try Rule(kind, entry))
            } else {
                throw .malformedXML
            }
        }
        guard rules.count <= Self.maximumRules else { throw .malformedXML }
        guard Set(rules.map(\.id)).count == rules.count else {
            throw .invalidArgument.with(message: "Same ID used for multiple configurations. IDs must be unique")
        }
        self.rules = rules
        self.tellsLog = tellsLog
    }

    package var children: [XMLElement] {
        rules.map(\.xml) + (tellsLog ? [XMLElement("EventBridgeConfiguration")] : [])
    }

    /// - Parameter webhooks: names of those that there are.
    /// - Throws: `InvalidArgument` where a target is none.
    func checkTargets(_ webhooks: Set<String>) throws(S3Error) {
        for rule in rules where rule.arn != NotificationTarget.log {
            guard let name = rule.webhook, webhooks.contains(name) else {
                throw .invalidArgument.with(message: "Unable to validate the following destination configurations")
                    .with(field: "ArgumentName", rule.arn).with(field: "ArgumentValue", "not_found")
            }
        }
    }
}

/// The ARNs of targets.
enum NotificationTarget {
    /// The topic `s3.events` of the event log.
    static let log = "arn:agrovet:sqs::log:events"

    static func webhook(_ arn: String) -> String? {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[..<4].elementsEqual(["arn", "agrovet", "sqs", ""]), parts[5] == "webhook", !parts[4].isEmpty else {
            return nil
        }
        return String(parts[4])
    }
}

extension NotificationConfiguration.Rule {
    private static let known: Set<String> = [
        "s3:TestEvent", "s3:ReducedRedundancyLostObject", "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post",
        "s3:ObjectCreated:Copy", "s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete",
        "s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectRestore:*", "s3:ObjectRestore:Post", "s3:ObjectRestore:Completed",
        "s3:ObjectRestore:Delete", "s3:Replication:*", "s3:Replication:OperationFailedReplication",
        "s3:Replication:OperationMissedThreshold", "s3:Replication:OperationReplicatedAfterThreshold",
        "s3:Replication:OperationNotTracked", "s3:LifecycleExpiration:*", "s3:LifecycleExpiration:Delete",
        "s3:LifecycleExpiration:DeleteMarkerCreated", "s3:LifecycleTransition", "s3:IntelligentTiering", "s3:ObjectTagging:*",
        "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete", "s3:ObjectAcl:Put",
    ]

    fileprivate init(_ kind: NotificationConfiguration.Kind, _ entry: XMLElement) throws(S3Error) {
        self.kind = kind
        guard let arn = entry.value(kind.rawValue), !arn.isEmpty else { throw .malformedXML }
        self.arn = arn
        let id = entry.value("Id") ?? ""
        guard id.utf8.count <= 255 else { throw .invalidArgument.with(message: "An ID has at most 255 characters") }
        self.id = id.isEmpty ? UUID().uuidString.lowercased() : id
        events = entry.all("Event").map { $0.text.trimmingWhiteSpace() }
        guard !events.isEmpty else { throw .malformedXML }
        for event in events where !Self.known.contains(event) {
            throw .invalidArgument.with(message: "The event '\(event)' is not supported for notifications")
        }
        var (prefix, suffix): (String?, String?)
        for rule in entry["Filter"]?["S3Key"]?.all("FilterRule") ?? [] {
            guard let value = rule["Value"]?.text, value.utf8.count <= 1024 else { throw .malformedXML }
            switch rule.value("Name")?.lowercased() {
            case "prefix" where prefix == nil: prefix = value
            case "suffix" where suffix == nil: suffix = value
            default: throw .invalidArgument.with(message: "filter rule name must be either prefix or suffix, and each only once")
            }
        }
        (self.prefix, self.suffix) = (prefix, suffix)
    }

    fileprivate var xml: XMLElement {
        var entry = XMLElement(kind.element, children: [XMLElement("Id", text: id), XMLElement(kind.rawValue, text: arn)])
        entry.children += events.map { XMLElement("Event", text: $0) }
        var filters: [XMLElement] = []
        for (name, value) in [("prefix", prefix), ("suffix", suffix)] {
            guard let value else { continue }
            filters.append(XMLElement("FilterRule", children: [XMLElement("Name", text: name), XMLElement("Value", text: value)]))
        }
        if !filters.isEmpty {
            entry.children.append(XMLElement("Filter", children: [XMLElement("S3Key", children: filters)]))
        }
        return entry
    }
}
