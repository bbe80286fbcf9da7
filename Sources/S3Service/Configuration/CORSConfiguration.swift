import HTTPTypes
import S3Wire

/// `?cors`: which pages of other origins may send requests to the bucket (Fetch Standard, "CORS protocol").
package struct CORSConfiguration: ConfigurationDocument, Hashable {
    package static let documentName = "cors"
    package static let rootName = "CORSConfiguration"
    /// Rules of a bucket, at most.
    static let maximumRules = 100

    struct Rule: Sendable, Hashable {
        var id: String?
        var origins: [String]
        var methods: [String]
        var headers: [String]
        var exposed: [String]
        /// Seconds that a browser may keep the answer to a preflight.
        var maxAge: Int?
    }

    let rules: [Rule]

    package init(xml root: XMLElement) throws(S3Error) {
        try root.allowOnly(["CORSRule"])
        guard !root.children.isEmpty, root.children.count <= Self.maximumRules else { throw .malformedXML }
        var rules: [Rule] = []
        for entry in root.children {
            try entry.allowOnly(["ID", "AllowedOrigin", "AllowedMethod", "AllowedHeader", "ExposeHeader", "MaxAgeSeconds"])
            func texts(_ name: String) -> [String] { entry.all(name).map { $0.text.trimmingWhiteSpace() } }
            let rule = Rule(
                id: entry.value("ID"), origins: texts("AllowedOrigin"), methods: texts("AllowedMethod"), headers: texts("AllowedHeader"),
                exposed: texts("ExposeHeader"), maxAge: try entry.number("MaxAgeSeconds"))
            guard !rule.origins.isEmpty, !rule.methods.isEmpty, (rule.id?.utf8.count ?? 0) <= 255, (rule.maxAge ?? 0) >= 0 else {
                throw .malformedXML
            }
            for method in rule.methods where !["GET", "PUT", "HEAD", "POST", "DELETE"].contains(method) {
                throw .invalidRequest.with(
                    message: "Found unsupported HTTP method in CORS config. Unsupported method is \(method)")
            }
            for pattern in rule.origins + rule.headers where pattern.utf8.count(where: { $0 == UInt8(ascii: "*") }) > 1 {
                throw .invalidRequest.with(message: "\(pattern) can not have more than one wildcard.")
            }
            for name in rule.exposed where HTTPField.Name(name) == nil {
                throw .invalidRequest.with(message: "ExposeHeader \(name) contains wildcard or is no name of a header.")
            }
            rules.append(rule)
        }
        self.rules = rules
    }

    package var children: [XMLElement] {
        rules.map { rule in
            var children: [XMLElement] = []
            if let id = rule.id { children.append(XMLElement("ID", text: id)) }
            children += rule.origins.map { XMLElement("AllowedOrigin", text: $0) }
            children += rule.methods.map { XMLElement("AllowedMethod", text: $0) }
            children += rule.headers.map { XMLElement("AllowedHeader", text: $0) }
            children += rule.exposed.map { XMLElement("ExposeHeader", text: $0) }
            if let age = rule.maxAge { children.append(XMLElement("MaxAgeSeconds", age)) }
            return XMLElement("CORSRule", children: children)
        }
    }

    /// The first rule that lets a page of this origin send this.
    /// - Parameter headers: those that a preflight asks for, in lower case.
    func rule(origin: String, method: String, headers: [String]) -> Rule? {
        rules.first { rule in
            rule.methods.contains(method) && rule.origins.contains { Self.matches($0, origin) }
                && headers.allSatisfy { name in rule.headers.contains { Self.matches($0.lowercased(), name) } }
        }
    }

    /// - Parameter pattern: with one `*` at most.
    private static func matches(_ pattern: String, _ text: String) -> Bool {
        guard let star = pattern.firstIndex(of: "*") else { return pattern == text }
        let (head, tail) = (pattern[..<star], pattern[pattern.index(after: star)...])
        return text.utf8.count >= head.utf8.count + tail.utf8.count && text.hasPrefix(head) && text.hasSuffix(tail)
    }
}
