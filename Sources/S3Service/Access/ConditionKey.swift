import Foundation
import HTTPTypes
import ObjectStorage
import WebAPI

/// The keys that conditions of policies compare, and where their values come from.
enum ConditionKey {
    /// Those of S3, in lower case, without `s3:`; with a slash at the end: a prefix of names of tags.
    private static let s3: Set<String> = [
        "prefix", "delimiter", "max-keys", "versionid", "locationconstraint", "signatureversion", "signatureage", "authtype",
        "tlsversion", "resourceaccount", "objectownership", "x-amz-object-ownership", "x-amz-acl", "x-amz-content-sha256",
        "x-amz-copy-source", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write",
        "x-amz-grant-write-acp", "x-amz-metadata-directive", "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-customer-algorithm", "x-amz-storage-class",
        "x-amz-website-redirect-location", "x-amz-tagging-directive", "object-lock-mode", "object-lock-retain-until-date",
        "object-lock-remaining-retention-days", "object-lock-legal-hold", "requestobjecttagkeys", "if-match", "if-none-match",
        "dataaccesspointarn", "dataaccesspointaccount", "accesspointnetworkorigin", "accessgrantsinstancearn", "objectcreationoperation",
        "inventoryaccessibleoptionalfields", "destinationregion", "replicationdestinationbucket",
    ]
    private static let s3Prefixes = ["existingobjecttag/", "requestobjecttag/", "buckettag/"]

    /// Whether a policy may name the key. Keys of AWS that mean nothing here (`aws:SourceVpc`) have no value, as they have none in
    /// most requests to AWS.
    static func isKnown(_ key: String) -> Bool {
        let key = key.lowercased()
        if key.hasPrefix("s3:") {
            let name = String(key.dropFirst(3))
            return s3.contains(name) || s3Prefixes.contains { name.hasPrefix($0) && name != $0 }
        }
        return key.hasPrefix("aws:") && key != "aws:"
    }

    fileprivate static let headerKeys: Set<String> = [
        "x-amz-acl", "x-amz-content-sha256", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp",
        "x-amz-grant-write", "x-amz-grant-write-acp", "x-amz-metadata-directive", "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-customer-algorithm", "x-amz-storage-class",
        "x-amz-website-redirect-location", "x-amz-object-ownership", "x-amz-tagging-directive", "if-match", "if-none-match",
    ]
}

extension AccessQuestion {
    /// What the request has for a condition key; nil where the key is not there. Names of keys are the same in any case, names of
    /// tags are not.
    func values(of key: String) -> [String]? {
        let name = key.lowercased()
        if let known = overrides[name] { return known }
        if name.hasPrefix("s3:") { return s3Values(String(name.dropFirst(3)), tag: Self.behindSlash(key)) }
        if name.hasPrefix("aws:") { return globalValues(String(name.dropFirst(4)), tag: Self.behindSlash(key)) }
        return nil
    }

    private static func behindSlash(_ key: String) -> String? {
        key.firstIndex(of: "/").map { String(key[key.index(after: $0)...]) }
    }

    private func s3Values(_ name: String, tag: String?) -> [String]? {
        if ConditionKey.headerKeys.contains(name) { return header(name) }
        if let tag {
            if name.hasPrefix("existingobjecttag/") { return object?.attributes.tags.first { $0.key == tag }.map { [$0.value] } }
            if name.hasPrefix("requestobjecttag/") { return tags?.first { $0.key == tag }.map { [$0.value] } }
            return nil
        }
        switch name {
        case "prefix", "delimiter", "max-keys": return parameter(name).map { [$0] }
        case "versionid": return (parameter("versionId") ?? versionID).map { [$0] }
        case "signatureversion": return user == nil ? nil : ["AWS4-HMAC-SHA256"]
        case "authtype": return user == nil ? nil : [parameter("X-Amz-Signature") == nil ? "REST-HEADER" : "REST-QUERY-STRING"]
        case "signatureage": return signatureAge.map { [String($0)] }
        case "x-amz-copy-source": return header(name).flatMap { $0.first.map { [Self.copySource($0)] } }
        case "objectownership": return header("x-amz-object-ownership")
        case "resourceaccount": return bucket.map { [$0.owner] }
        case "requestobjecttagkeys": return tags.map { $0.map(\.key) }
        case "object-lock-mode": return header("x-amz-object-lock-mode")
        case "object-lock-retain-until-date": return header("x-amz-object-lock-retain-until-date")
        case "object-lock-legal-hold": return header("x-amz-object-lock-legal-hold")
        case "object-lock-remaining-retention-days": return remainingDays.map { [String($0)] }
        default: return nil
        }
    }

    private func globalValues(_ name: String, tag: String?) -> [String]? {
        switch name {
        case "sourceip": return remoteAddress.map { [$0] }
        case "securetransport": return [isSecure ? "true" : "false"]
        case "username", "userid": return user.map { [$0] }
        case "principalarn": return user.map { ["arn:aws:iam::\($0):user/\($0)"] }
        case "principalaccount": return user.map { [$0] }
        case "principaltype": return [user == nil ? "Anonymous" : "User"]
        case "resourceaccount": return bucket.map { [$0.owner] }
        case "currenttime": return [Timestamp.text(time)]
        case "epochtime": return [String(Int(time.timeIntervalSince1970))]
        case "referer": return header("referer")
        case "useragent": return header("user-agent")
        case "requestedregion": return nil
        case "tagkeys": return tags.map { $0.map(\.key) }
        default:
            if let tag, name.hasPrefix("requesttag/") { return tags?.first { $0.key == tag }.map { [$0.value] } }
            return nil
        }
    }

    /// A presigned address may carry what it grants as a parameter; only that of access control lists is read from there.
    private func header(_ name: String) -> [String]? {
        guard let field = HTTPField.Name(name) else { return nil }
        if let value = headers[field] { return [value] }
        guard name == "x-amz-acl" || name.hasPrefix("x-amz-grant-"), parameter("X-Amz-Signature") != nil else { return nil }
        return query.first { $0.name.lowercased() == name }.map { [$0.value] }
    }

    private func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

    private var tags: [ObjectTag]? {
        if let requestTags { return requestTags }
        guard let text = header("x-amz-tagging")?.first else { return nil }
        return try? TagSet(query: text, limit: TagSet.objectLimit).tags
    }

    /// Milliseconds since the signature of a presigned address was made.
    private var signatureAge: Int? {
        guard parameter("X-Amz-Signature") != nil, let text = parameter("X-Amz-Date"), text.utf8.count == 16 else { return nil }
        let digits = text.filter(\.isNumber)
        guard digits.utf8.count == 14 else { return nil }
        func part(_ range: Range<Int>) -> Substring { digits.dropFirst(range.lowerBound).prefix(range.count) }
        let iso = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))Z"
        return Timestamp.milliseconds(iso).map { max(0, Int(Timestamp.milliseconds(time) - $0)) }
    }

    /// Whole days until the retention that the request would set ends.
    private var remainingDays: Int? {
        guard let text = header("x-amz-object-lock-retain-until-date")?.first, let until = Timestamp.milliseconds(text) else { return nil }
        return Int((until - Timestamp.milliseconds(time)) / 86_400_000)
    }

    /// `bucket/key`, percent-decoded, without a slash in front and a version behind.
    private static func copySource(_ text: String) -> String {
        var text = Substring(text)
        if text.hasPrefix("/") { text = text.dropFirst() }
        if let mark = text.range(of: "?versionId=") { text = text[..<mark.lowerBound] }
        return String(text).removingPercentEncoding ?? String(text)
    }
}
