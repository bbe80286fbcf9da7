import Foundation

/// Schemas as OpenAPI and AsyncAPI documents carry them.
extension JSONSchema {
    /// - Parameters:
    ///   - base: where named schemas stand in the document, such as `#/components/schemas/`.
    ///   - named: takes down each named schema that is referred to, those within them among them.
    public func document(base: String, named: inout [String: JSONValue]) -> JSONValue {
        var members = keywords(base: base, named: &named)
        if isNullable { members = Self.nullable(members) }
        if let description { members["description"] = .string(description) }
        if !examples.isEmpty { members["examples"] = .array(examples) }
        if let defaultValue { members["default"] = defaultValue }
        return .object(members)
    }

    /// The schema with its named ones within it (`$defs`), to be used alone.
    public var standalone: JSONValue {
        var named: [String: JSONValue] = [:]
        var members = document(base: "#/$defs/", named: &named).members
        members["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        if !named.isEmpty { members["$defs"] = .object(named) }
        return .object(members)
    }

    private static func nullable(_ members: [String: JSONValue]) -> [String: JSONValue] {
        // A format is one of texts: beside null it would be overlooked by those who look at the type first.
        guard case .string(let type) = members["type"], members["format"] == nil else {
            return ["anyOf": [.object(members), ["type": "null"]]]
        }
        var members = members
        members["type"] = [.string(type), "null"]
        // An enumeration names all values that there are.
        if case .array(let choices) = members["enum"] { members["enum"] = .array(choices + [.null]) }
        return members
    }

    private func keywords(base: String, named: inout [String: JSONValue]) -> [String: JSONValue] {
        switch kind {
        case .any: return [:]
        case .null: return ["type": "null"]
        case .boolean: return ["type": "boolean"]
        case .integer(let range):
            return ["type": "integer", "minimum": .number(Decimal(range.lowerBound)), "maximum": .number(Decimal(range.upperBound))]
        case .number(let minimum, let maximum):
            var members: [String: JSONValue] = ["type": "number"]
            if let minimum { members["minimum"] = .number(minimum) }
            if let maximum { members["maximum"] = .number(maximum) }
            return members
        case .string(let text): return text.keywords
        case .array(let element, let count):
            var members: [String: JSONValue] = ["type": "array", "items": element.document(base: base, named: &named)]
            if count.lowerBound > 0 { members["minItems"] = .number(Decimal(count.lowerBound)) }
            if count.upperBound < 10_000 { members["maxItems"] = .number(Decimal(count.upperBound)) }
            return members
        case .object(let properties, let additional):
            var members: [String: JSONValue] = ["type": "object"]
            members["properties"] = .object(
                Dictionary(uniqueKeysWithValues: properties.map { ($0.name, $0.schema.document(base: base, named: &named)) }))
            let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
            if !required.isEmpty { members["required"] = .array(required) }
            if !additional { members["additionalProperties"] = false }
            return members
        case .map(let value, let names):
            var members: [String: JSONValue] = ["type": "object", "additionalProperties": value.document(base: base, named: &named)]
            if let names { members["propertyNames"] = .object(names.keywords) }
            return members
        case .oneOf(let schemas): return ["anyOf": .array(schemas.map { $0.document(base: base, named: &named) })]
        case .named(let name, let schema):
            if named[name] == nil {
                // Taken down before it is filled: a schema may refer to itself.
                named[name] = [:]
                named[name] = schema.document(base: base, named: &named)
            }
            return ["$ref": .string(base + name)]
        }
    }
}

extension JSONSchema.Text {
    fileprivate var keywords: [String: JSONValue] {
        var members: [String: JSONValue] = ["type": "string"]
        if let choices {
            members["enum"] = .array(choices.map { .string($0) })
            return members
        }
        if length.lowerBound > 0 { members["minLength"] = .number(Decimal(length.lowerBound)) }
        if length.upperBound < Self.longest { members["maxLength"] = .number(Decimal(length.upperBound)) }
        if let pattern {
            members["pattern"] = .string(pattern.expression)
        } else if saysSomething, format == nil || format == .password {
            // The other formats have no blank texts.
            members["pattern"] = #"\S"#
        }
        switch format {
        case .decimal: members["pattern"] = .string(JSONSchema.Format.decimalPattern)
        case .binary: break
        case let format?: members["format"] = .string(format.rawValue)
        case nil: break
        }
        return members
    }
}
