import Foundation
import Schemas

/// The policy of a form: until when, and what its fields have to be (S3 API reference, "Creating a POST policy").
public struct PostPolicy: Sendable {
    public let expiration: Date
    /// Bytes that the file may have; nil: as many as the server allows.
    public let contentLengthRange: ClosedRange<Int>?
    private let conditions: [Condition]

    private enum Condition {
        case equals(field: String, String)
        case startsWith(field: String, String)
    }

    /// Bytes of the document.
    private static let maximumSize = 64 * 1024
    private static let maximumConditions = 200

    /// - Parameter base64: the field `policy`. Verify its signature as well (`PostAuthorization`).
    /// - Throws: `InvalidPolicyDocument` where it is no policy.
    public init(base64: String) throws(S3Error) {
        let text = base64.filter { !$0.isWhitespace }
        guard text.utf8.count <= Self.maximumSize, let bytes = Base64.decode(text) else {
            throw Self.wrong("Invalid Policy: Invalid Base64.")
        }
        guard let document = try? JSONValue(parsing: Data(bytes)), case .object = document else {
            throw Self.wrong("Invalid Policy: Invalid JSON.")
        }
        guard let expires = document["expiration"]?.string else { throw Self.wrong("Invalid Policy: Policy missing expiration.") }
        guard case .array(let conditions)? = document["conditions"] else { throw Self.wrong("Invalid Policy: Policy missing conditions.") }
        guard let expiration = Self.date(expires) else {
            throw Self.wrong("Invalid Policy: Invalid 'expiration' value: '\(expires)'")
        }
        guard conditions.count <= Self.maximumConditions else { throw Self.wrong("Invalid Policy: Too many conditions.") }
        var range: ClosedRange<Int>?
        var parsed: [Condition] = []
        for condition in conditions {
            switch condition {
            case .object(let fields):
                guard let (field, value) = fields.first, fields.count == 1, case .string(let text) = value else {
                    throw Self.wrong("Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property.")
                }
                parsed.append(.equals(field: field.lowercased(), text))
            case .array(let words):
                guard words.count == 3, case .string(let name) = words[0] else {
                    throw Self.wrong("Invalid Policy: Invalid Condition: wrong number of arguments.")
                }
                switch (name.lowercased(), words[1], words[2]) {
                case ("content-length-range", let first, let last):
                    guard let first = first.count, let last = last.count, first >= 0, last >= first else {
                        throw Self.wrong("Invalid Policy: Invalid content-length-range.")
                    }
                    range =
                        range.map { max($0.lowerBound, first)...max(max($0.lowerBound, first), min($0.upperBound, last)) } ?? first...last
                case ("eq", .string(let field), .string(let value)) where field.hasPrefix("$"):
                    parsed.append(.equals(field: field.dropFirst().lowercased(), value))
                case ("starts-with", .string(let field), .string(let value)) where field.hasPrefix("$"):
                    parsed.append(.startsWith(field: field.dropFirst().lowercased(), value))
                default: throw Self.wrong("Invalid Policy: Invalid Condition: \(name)")
                }
            default: throw Self.wrong("Invalid Policy: Invalid Condition.")
            }
        }
        self.expiration = expiration
        self.conditions = parsed
        contentLengthRange = range
    }

    private static func wrong(_ message: String) -> S3Error { .invalidPolicyDocument.with(message: message) }
}

extension PostPolicy {
    /// Checks a form against the policy. Names of fields are the same in either case.
    /// - Parameters:
    ///   - fields: all of the form but the file, `${filename}` replaced.
    ///   - contentLength: bytes of the file; nil while they are not known (call `check(contentLength:)` later).
    ///   - bucket: the one that the form was posted to, which stands for a field of that name.
    /// - Throws: `AccessDenied`, `EntityTooLarge`, `EntityTooSmall`.
    public func check(fields: [(name: String, value: String)], contentLength: Int?, bucket: String, now: Date) throws(S3Error) {
        guard now < expiration else { throw Self.denied("Policy expired.") }
        var values = ["bucket": bucket]
        for field in fields {
            let name = field.name.lowercased()
            guard name != "bucket", name != "file" else { continue }
            values[name] = values[name].map { "\($0),\(field.value)" } ?? field.value
        }
        var unmet = Set(values.keys.filter { !Self.isFree($0) })
        for condition in conditions {
            switch condition {
            case .equals(let field, let value):
                unmet.remove(field)
                guard values[field] == value else { throw Self.failed("[\"eq\", \"$\(field)\", \"\(value)\"]") }
            case .startsWith(let field, let prefix):
                unmet.remove(field)
                // A prefix of nothing is no demand: the field may be absent.
                if prefix.isEmpty { continue }
                guard let value = values[field], Self.starts(value, with: prefix, isList: field == "content-type") else {
                    throw Self.failed("[\"starts-with\", \"$\(field)\", \"\(prefix)\"]")
                }
            }
        }
        guard unmet.isEmpty else { throw Self.denied("Extra input fields: \(unmet.sorted().joined(separator: ", "))") }
        if let contentLength { try check(contentLength: contentLength) }
    }

    /// - Parameter contentLength: bytes of the file.
    /// - Throws: `EntityTooLarge`, `EntityTooSmall`.
    public func check(contentLength: Int) throws(S3Error) {
        guard let contentLengthRange else { return }
        guard contentLength <= contentLengthRange.upperBound else {
            throw .entityTooLarge.with(field: "ProposedSize", String(contentLength))
                .with(field: "MaxSizeAllowed", String(contentLengthRange.upperBound))
        }
        guard contentLength >= contentLengthRange.lowerBound else {
            throw .entityTooSmall.with(field: "ProposedSize", String(contentLength))
                .with(field: "MinSizeAllowed", String(contentLengthRange.lowerBound))
        }
    }

    /// Fields that need no condition: those that carry the policy itself, and checksums, which only make the upload stricter.
    private static func isFree(_ name: String) -> Bool {
        switch name {
        case "policy", "signature", "awsaccesskeyid", "x-amz-signature", "x-amz-sdk-checksum-algorithm": true
        default: name.hasPrefix("x-ignore-") || name.hasPrefix("x-amz-checksum-")
        }
    }

    /// Of several content types, each has to begin so.
    private static func starts(_ value: String, with prefix: String, isList: Bool) -> Bool {
        guard isList, value.contains(",") else { return value.utf8.starts(with: prefix.utf8) }
        return value.split(separator: ",", omittingEmptySubsequences: false).allSatisfy {
            $0.drop { $0 == " " }.utf8.starts(with: prefix.utf8)
        }
    }

    private static func denied(_ message: String) -> S3Error { .accessDenied.with(message: "Invalid according to Policy: \(message)") }
    private static func failed(_ condition: String) -> S3Error { denied("Policy Condition failed: \(condition)") }

    /// `2007-12-01T12:00:00.000Z`, with or without fractions of a second.
    private static func date(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard (20...30).contains(bytes.count), bytes.last == UInt8(ascii: "Z"), bytes[4] == UInt8(ascii: "-"),
            bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            bytes.count == 20
                || (bytes[19] == UInt8(ascii: ".") && bytes.count > 21
                    && bytes[20..<bytes.count - 1].allSatisfy { (0x30...0x39).contains($0) })
        else { return nil }
        return AmzDate(
            String(
                decoding: bytes[..<19].filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") } + [UInt8(ascii: "Z")], as: UTF8.self))?
            .date
    }
}

extension JSONValue {
    /// A number, or one in text, as some clients write it.
    fileprivate var count: Int? { integer ?? string.flatMap { Int($0) } }
}
