import Foundation

extension JSONSchema {
    /// What is wrong with a value, by the path of the member it is wrong with: `title`, `lines.0.quantity`; the empty path for the value
    /// itself. At most `limit` problems, so that a hostile body costs little.
    public func problems(of value: JSONValue, limit: Int = 100) -> [String: [SchemaProblem]] {
        var problems: [String: [SchemaProblem]] = [:]
        check(value, at: "", into: &problems, limit: limit)
        return problems
    }

    public func accepts(_ value: JSONValue) -> Bool { problems(of: value, limit: 1).isEmpty }

    private func check(_ value: JSONValue, at path: String, into problems: inout [String: [SchemaProblem]], limit: Int) {
        if problems.count >= limit { return }
        if value.isNull {
            switch kind {
            case .any, .null: return
            case .named(_, let schema) where !isNullable: return schema.check(value, at: path, into: &problems, limit: limit)
            case .oneOf(let schemas) where schemas.contains { $0.accepts(.null) }: return
            default:
                if !isNullable { problems[path, default: []].append(.null) }
                return
            }
        }
        switch kind {
        case .any: break
        case .null: problems[path, default: []].append(.noMatch)
        case .boolean: if value.bool == nil { problems[path, default: []].append(.notBoolean) }
        case .integer(let range):
            guard value.number != nil else { return problems[path, default: []].append(.notInteger) }
            guard let number = value.integer else {
                // Beyond 64 bits it is too large or too small, with a fraction it is none.
                return problems[path, default: []].append(Self.isWhole(value) ? Self.beyond(value, range) : .notInteger)
            }
            if number < range.lowerBound { problems[path, default: []].append(.tooSmall("\(range.lowerBound)")) }
            if number > range.upperBound { problems[path, default: []].append(.tooLarge("\(range.upperBound)")) }
        case .number(let minimum, let maximum):
            guard let number = value.number else { return problems[path, default: []].append(.notNumber) }
            if let minimum, number < minimum { problems[path, default: []].append(.tooSmall("\(minimum)")) }
            if let maximum, number > maximum { problems[path, default: []].append(.tooLarge("\(maximum)")) }
        case .string(let text):
            guard case .string(let string) = value else { return problems[path, default: []].append(.notString) }
            if let problem = text.problem(of: string) { problems[path, default: []].append(problem) }
        case .array(let element, let count):
            guard case .array(let elements) = value else { return problems[path, default: []].append(.notList) }
            if elements.count < count.lowerBound { problems[path, default: []].append(.tooFew(count.lowerBound)) }
            if elements.count > count.upperBound { return problems[path, default: []].append(.tooMany(count.upperBound)) }
            for (index, one) in elements.enumerated() {
                element.check(one, at: Self.join(path, String(index)), into: &problems, limit: limit)
            }
        case .object(let properties, let additional):
            guard case .object(let members) = value else { return problems[path, default: []].append(.notObject) }
            for property in properties {
                if let member = members[property.name] {
                    property.schema.check(member, at: Self.join(path, property.name), into: &problems, limit: limit)
                } else if property.isRequired {
                    problems[Self.join(path, property.name), default: []].append(.required)
                }
            }
            guard !additional else { return }
            let known = Set(properties.map(\.name))
            for name in members.keys.sorted() where !known.contains(name) && problems.count < limit {
                problems[Self.join(path, name), default: []].append(.notExpected)
            }
        case .map(let schema, let names):
            guard case .object(let members) = value else { return problems[path, default: []].append(.notObject) }
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                // A name that is wrong is told at the map's own place, once: there is no telling what it would do in a path.
                if let problem = names?.problem(of: name) {
                    if problems[path] == nil { problems[path] = [problem] }
                    continue
                }
                schema.check(member, at: Self.join(path, name), into: &problems, limit: limit)
            }
        case .oneOf(let schemas):
            if !schemas.contains(where: { $0.accepts(value) }) { problems[path, default: []].append(.noMatch) }
        case .named(_, let schema): schema.check(value, at: path, into: &problems, limit: limit)
        }
    }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : path + "." + name }

    private static func isWhole(_ value: JSONValue) -> Bool {
        guard let number = value.number else { return false }
        var (rounded, source) = (Decimal(), number)
        NSDecimalRound(&rounded, &source, 0, .plain)
        return rounded == number
    }

    private static func beyond(_ value: JSONValue, _ range: ClosedRange<Int>) -> SchemaProblem {
        value.number! < 0 ? .tooSmall("\(range.lowerBound)") : .tooLarge("\(range.upperBound)")
    }
}

extension JSONSchema.Text {
    func problem(of text: String) -> SchemaProblem? {
        // Neither database holds U+0000.
        if text.utf8.contains(0) { return .nullCharacters }
        if let choices { return choices.contains(text) ? nil : .invalidChoice(String(text.prefix(100))) }
        let count = text.unicodeScalars.count
        if count > length.upperBound { return .tooLong(length.upperBound) }
        if count < length.lowerBound { return count == 0 ? .blank : .tooShort(length.lowerBound) }
        if saysSomething, text.unicodeScalars.allSatisfy(\.properties.isWhitespace) { return .blank }
        if let format, !format.accepts(text) { return .invalidFormat(format) }
        if let pattern, !pattern.matches(text) { return .invalidForm(pattern.complaint) }
        return nil
    }

    /// Whether a text of nothing but white space is blank.
    var saysSomething: Bool { length.lowerBound > 0 && !isVerbatim && pattern == nil }
}

extension JSONSchema.Pattern {
    func matches(_ text: String) -> Bool {
        text.range(of: expression, options: .regularExpression).map { $0 == text.startIndex..<text.endIndex } ?? false
    }
}

extension JSONSchema.Format {
    static let decimalPattern = #"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"#

    /// Whether a text has the format.
    public func accepts(_ text: String) -> Bool {
        switch self {
        case .uuid: UUID(uuidString: text) != nil
        case .dateTime:
            Self.isDate(String(text.prefix(10)))
                && ((try? Date(text, strategy: .iso8601)) != nil
                    || (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))) != nil)
        case .date: Self.isDate(text)
        case .email: Self.isEmail(text)
        case .uri: Self.isWebAddress(text)
        case .decimal: Self.isDecimal(text)
        case .password, .binary: true
        }
    }

    /// A day that its month does not have comes back as another.
    private static func isDate(_ text: String) -> Bool {
        guard text.utf8.count == 10, let date = try? Date(text + "T00:00:00Z", strategy: .iso8601) else { return false }
        return date.formatted(.iso8601).hasPrefix(text)
    }

    private static func isDecimal(_ text: String) -> Bool {
        let parts = (text.hasPrefix("-") ? text.dropFirst() : text[...]).split(separator: ".", omittingEmptySubsequences: false)
        let areDigits = parts.allSatisfy { part in !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        return areDigits && (1...2).contains(parts.count) && parts[0].utf8.count <= 15 && (parts.count == 1 || parts[1].utf8.count <= 6)
    }

    /// As Django has it: a name, an at sign, a domain with a dot (or localhost); no white space, no quoted names.
    private static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= 254, parts.count == 2, (1...64).contains(parts[0].utf8.count), parts[0].utf8.allSatisfy(isNameByte),
            !parts[0].hasPrefix("."), !parts[0].hasSuffix("."), !parts[0].contains("..")
        else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return (labels.count >= 2 || parts[1] == "localhost")
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                    && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "!#$%&'*+/=?^_`{|}~.-".utf8.contains(byte) }

    private static func isWebAddress(_ text: String) -> Bool {
        guard text.utf8.count <= 2000, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let url = URL(string: text),
            ["http", "https"].contains(url.scheme?.lowercased()), let host = url.host(), !host.isEmpty
        else { return false }
        return true
    }
}
