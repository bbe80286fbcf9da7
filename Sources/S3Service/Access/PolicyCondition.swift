import Foundation
import WebAPI

/// One key of a statement's `Condition` with the values that it is compared with (IAM User Guide, "Condition operators").
struct PolicyCondition: Sendable, Hashable {
    /// The operator's name taken apart.
    struct Test: Sendable, Hashable {
        enum Quantifier: Sendable, Hashable {
            case forAnyValue
            case forAllValues
        }

        enum Comparison: String, Sendable, Hashable {
            case stringEquals = "StringEquals"
            case stringEqualsIgnoreCase = "StringEqualsIgnoreCase"
            case stringLike = "StringLike"
            case numericEquals = "NumericEquals"
            case numericLessThan = "NumericLessThan"
            case numericLessThanEquals = "NumericLessThanEquals"
            case numericGreaterThan = "NumericGreaterThan"
            case numericGreaterThanEquals = "NumericGreaterThanEquals"
            case dateEquals = "DateEquals"
            case dateLessThan = "DateLessThan"
            case dateLessThanEquals = "DateLessThanEquals"
            case dateGreaterThan = "DateGreaterThan"
            case dateGreaterThanEquals = "DateGreaterThanEquals"
            case bool = "Bool"
            case binaryEquals = "BinaryEquals"
            case ipAddress = "IpAddress"
            case arnLike = "ArnLike"
            case null = "Null"
        }

        let comparison: Comparison
        /// `…Not…`: holds where none of the values match.
        let isNegated: Bool
        let ifExists: Bool
        let quantifier: Quantifier?

        /// - Returns: nil where it is no operator.
        init?(_ name: String) {
            var rest = Substring(name)
            var quantifier: Quantifier?
            if rest.hasPrefix("ForAnyValue:") { quantifier = .forAnyValue }
            if rest.hasPrefix("ForAllValues:") { quantifier = .forAllValues }
            if quantifier != nil { rest = rest[rest.index(after: rest.firstIndex(of: ":")!)...] }
            let ifExists = rest.hasSuffix("IfExists")
            if ifExists { rest = rest.dropLast("IfExists".count) }
            let negated = [
                "StringNotEquals": Comparison.stringEquals, "StringNotEqualsIgnoreCase": .stringEqualsIgnoreCase,
                "StringNotLike": .stringLike, "NumericNotEquals": .numericEquals, "DateNotEquals": .dateEquals,
                "NotIpAddress": .ipAddress, "ArnNotEquals": .arnLike, "ArnNotLike": .arnLike,
            ]
            if let comparison = negated[String(rest)] {
                self.comparison = comparison
                isNegated = true
            } else if let comparison = rest == "ArnEquals" ? .arnLike : Comparison(rawValue: String(rest)) {
                self.comparison = comparison
                isNegated = false
            } else {
                return nil
            }
            // Null asks whether the key is there at all.
            if comparison == .null, ifExists || quantifier != nil { return nil }
            self.ifExists = ifExists
            self.quantifier = quantifier
        }
    }

    let test: Test
    let key: String
    let values: [PolicyPattern]

    /// - Returns: nil where a value is none that the operator compares with.
    init?(_ test: Test, _ key: String, _ values: [String], variables: Bool) {
        self.test = test
        self.key = key
        let wildcards = [.stringLike, .arnLike].contains(test.comparison)
        self.values = values.map { PolicyPattern($0, wildcards: wildcards, variables: variables) }
        for (text, pattern) in zip(values, self.values) where pattern.isLiteral {
            let isGood =
                switch test.comparison {
                case .stringEquals, .stringEqualsIgnoreCase, .stringLike: true
                case .numericEquals, .numericLessThan, .numericLessThanEquals, .numericGreaterThan, .numericGreaterThanEquals:
                    Self.number(text) != nil
                case .dateEquals, .dateLessThan, .dateLessThanEquals, .dateGreaterThan, .dateGreaterThanEquals: Self.date(text) != nil
                case .bool, .null: Self.flag(text) != nil
                case .binaryEquals: Data(base64Encoded: text) != nil
                case .ipAddress: IPNetwork(text) != nil
                case .arnLike: Self.isARN(text)
                }
            guard isGood else { return nil }
        }
    }

    func holds(_ question: AccessQuestion) -> Bool {
        let present = question.values(of: key)
        if test.comparison == .null {
            let isAbsent = present?.isEmpty ?? true
            return values.contains { Self.flag($0.text) == isAbsent }
        }
        guard let present, !present.isEmpty else {
            // A key that is not there: nothing equals it, so every "not" holds.
            if test.ifExists || test.quantifier == .forAllValues { return true }
            return test.isNegated && test.quantifier == nil
        }
        let variable: (String) -> String? = { question.values(of: $0)?.first }
        let satisfies: (String) -> Bool = { value in values.contains { matches(value, $0, variable) } != test.isNegated }
        switch test.quantifier {
        case .forAllValues: return present.allSatisfy(satisfies)
        case .forAnyValue: return present.contains(where: satisfies)
        // Several values where one is expected: any that matches counts, for the condition and against its negation.
        case nil: return test.isNegated ? present.allSatisfy(satisfies) : present.contains(where: satisfies)
        }
    }

    /// - Parameters:
    ///   - value: of the request.
    ///   - pattern: of the policy.
    private func matches(_ value: String, _ pattern: PolicyPattern, _ variable: (String) -> String?) -> Bool {
        switch test.comparison {
        case .stringEquals, .stringLike: return pattern.matches(value, variable)
        case .stringEqualsIgnoreCase: return pattern.resolved(variable)?.lowercased() == value.lowercased()
        case .arnLike: return Self.arn(pattern.text, matches: value, variable)
        default: break
        }
        guard let text = pattern.resolved(variable) else { return false }
        switch test.comparison {
        case .numericEquals: return Self.compare(Self.number(value), Self.number(text), ==)
        case .numericLessThan: return Self.compare(Self.number(value), Self.number(text), <)
        case .numericLessThanEquals: return Self.compare(Self.number(value), Self.number(text), <=)
        case .numericGreaterThan: return Self.compare(Self.number(value), Self.number(text), >)
        case .numericGreaterThanEquals: return Self.compare(Self.number(value), Self.number(text), >=)
        case .dateEquals: return Self.compare(Self.date(value), Self.date(text), ==)
        case .dateLessThan: return Self.compare(Self.date(value), Self.date(text), <)
        case .dateLessThanEquals: return Self.compare(Self.date(value), Self.date(text), <=)
        case .dateGreaterThan: return Self.compare(Self.date(value), Self.date(text), >)
        case .dateGreaterThanEquals: return Self.compare(Self.date(value), Self.date(text), >=)
        case .bool: return Self.flag(value) != nil && Self.flag(value) == Self.flag(text)
        case .binaryEquals: return Data(base64Encoded: value) != nil && Data(base64Encoded: value) == Data(base64Encoded: text)
        case .ipAddress:
            guard let address = IPAddress(value), let network = IPNetwork(text) else { return false }
            return network.contains(address)
        case .stringEquals, .stringLike, .stringEqualsIgnoreCase, .arnLike, .null: return false
        }
    }

    private static func compare(_ a: Double?, _ b: Double?, _ holds: (Double, Double) -> Bool) -> Bool {
        guard let a, let b else { return false }
        return holds(a, b)
    }

    private static func number(_ text: String) -> Double? {
        guard let number = Double(text), number.isFinite else { return nil }
        return number
    }

    /// Milliseconds since 1970 of a time in ISO 8601, or of seconds since 1970.
    private static func date(_ text: String) -> Double? {
        if let seconds = Double(text) { return seconds.isFinite ? seconds * 1000 : nil }
        return Timestamp.milliseconds(text).map(Double.init)
    }

    private static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }

    private static func isARN(_ text: String) -> Bool { text == "*" || (text.hasPrefix("arn:") && arnParts(text).count == 6) }

    private static func arnParts(_ text: String) -> [String] {
        text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
    }

    /// Part by part: a wildcard does not reach over a colon of the first five.
    private static func arn(_ pattern: String, matches value: String, _ variable: (String) -> String?) -> Bool {
        if pattern == "*" { return true }
        let (patterns, values) = (arnParts(pattern), arnParts(value))
        guard patterns.count == 6, values.count == 6 else { return false }
        return zip(patterns, values).allSatisfy { PolicyPattern($0, wildcards: true, variables: true).matches($1, variable) }
    }
}
