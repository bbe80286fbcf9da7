/// A header value with parameters, such as `form-data; name="file"; filename="a.jpg"` (RFC 9110 section 5.6.6).
/// A quoted value may hold anything; a backslash quotes the next character only where that is a quote or a backslash,
/// for browsers send Windows paths unescaped. `filename*` (RFC 8187) is read as UTF-8 where `filename` is absent.
public struct HeaderParameters: Sendable, Equatable {
    /// What stands before the first semicolon, in lower case.
    public let value: String
    /// By name in lower case; the first of a name wins.
    public let parameters: [String: String]

    public init(_ text: String) {
        var parameters: [String: String] = [:]
        var rest = Substring(text)
        let value = rest.prefix { $0 != ";" }
        rest = rest.dropFirst(value.count)
        while rest.first == ";" {
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest.dropFirst(name.count)
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst()
            var text = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.first, character != "\"" {
                    rest = rest.dropFirst()
                    if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
                        text.append(next)
                        rest = rest.dropFirst()
                    } else {
                        text.append(character)
                    }
                }
                rest = rest.dropFirst().drop { $0 != ";" }
            } else {
                let token = rest.prefix { $0 != ";" }
                rest = rest.dropFirst(token.count)
                text = Self.trimmed(token)
            }
            let key = Self.trimmed(name).lowercased()
            if parameters[key] == nil { parameters[key] = text }
        }
        if parameters["filename"] == nil, let extended = parameters["filename*"] {
            let fields = extended.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
            if fields.count == 3, let decoded = String(fields[2]).removingURLPercentEncoding() { parameters["filename"] = decoded }
        }
        self.value = Self.trimmed(value).lowercased()
        self.parameters = parameters
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}
