import Foundation
import Hummingbird
import Schemas

/// An OpenAPI 3.1 document of routes: made from the declarations that serve, so that it cannot say anything else.
public struct OpenAPIDocument: Sendable {
    private let title: String
    private let version: String
    private let routes: [Route]
    private let tags: [(String, String)]

    /// - Parameter tags: names of the groups that operations are in, and what they are about, in order.
    public init(title: String, version: String, tags: [(String, String)], routes: [Route]) {
        self.title = title
        self.version = version
        self.tags = tags
        self.routes = routes.filter { $0.endpoint != nil }
    }

    /// - Parameter server: what paths begin with: scheme, host and port.
    public func json(server: String) -> String {
        var named: [String: JSONValue] = [:]
        var paths: [String: [String: JSONValue]] = [:]
        for route in routes.sorted(by: { ($0.path, $0.method.rawValue) < ($1.path, $1.method.rawValue) }) {
            paths[route.path, default: [:]][route.method.rawValue.lowercased()] = Self.operation(route, &named)
        }
        let usedTags = Set(routes.compactMap { $0.endpoint?.tag })
        let document: JSONValue = [
            "openapi": "3.1.0",
            "info": ["title": .string(title), "version": .string(version)],
            "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
            "servers": [["url": .string(server)]],
            "tags": .array(
                tags.filter { usedTags.contains($0.0) }.map { ["name": .string($0.0), "description": .string($0.1)] }),
            "paths": .object(paths.mapValues { .object($0) }),
            "components": ["schemas": .object(named), "securitySchemes": Self.securitySchemes],
        ]
        return document.json
    }

    private static let securitySchemes: JSONValue = [
        "bearer": [
            "type": "http", "scheme": "bearer", "description": "An access token of /api/auth/login/ or of OAuth 2.0, or an API key",
        ],
        "session": ["type": "apiKey", "in": "cookie", "name": .string(SessionCookie.name), "description": "The page's own session"],
    ]

    private static func operation(_ route: Route, _ named: inout [String: JSONValue]) -> JSONValue {
        guard let endpoint = route.endpoint else { return .null }
        var members: [String: JSONValue] = [
            "operationId": .string(operationID(route)), "summary": .string(route.summary), "tags": [.string(endpoint.tag)],
        ]
        var details = endpoint.details
        if case .roles(let roles) = endpoint.access {
            details += (details.isEmpty ? "" : "\n\n") + "For: " + roles.map(\.rawValue).sorted().joined(separator: ", ") + "."
        }
        if case .only = endpoint.access { details += (details.isEmpty ? "" : "\n\n") + "For whoever administers the server." }
        if let scope = endpoint.scope { details += (details.isEmpty ? "" : "\n\n") + "Scope: `\(scope)`." }
        if !details.isEmpty { members["description"] = .string(details) }
        let parameters = self.parameters(route, endpoint, &named)
        if !parameters.isEmpty { members["parameters"] = .array(parameters) }
        if let body = endpoint.body { members["requestBody"] = self.body(body, &named) }
        members["responses"] = .object(answers(route, endpoint, &named))
        let credentials: [JSONValue] = [["bearer": []], ["session": []]]
        members["security"] = .array(endpoint.access == .anyone ? [[:]] + credentials : credentials)
        return .object(members)
    }

    /// Such as `get_api_adds_id`: it has to be unique and to stay.
    private static func operationID(_ route: Route) -> String {
        let words = route.path.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map { $0.lowercased() }
        return ([route.method.rawValue.lowercased()] + words).joined(separator: "_")
    }

    private static func schema(_ schema: JSONSchema, _ named: inout [String: JSONValue]) -> JSONValue {
        schema.document(base: "#/components/schemas/", named: &named)
    }

    private static func parameters(_ route: Route, _ endpoint: Endpoint, _ named: inout [String: JSONValue]) -> [JSONValue] {
        var parameters = endpoint.parameters
        for name in route.pathParameters where !parameters.contains(where: { $0.place == .path && $0.name == name }) {
            parameters.insert(Parameter(.path, name, .uuid, "Id"), at: 0)
        }
        return parameters.map { parameter in
            var members: [String: JSONValue] = [
                "name": .string(parameter.name), "in": .string(parameter.place.rawValue), "required": .bool(parameter.isRequired),
                "description": .string(parameter.description), "schema": schema(parameter.schema, &named),
            ]
            // An empty one is as good as none.
            if parameter.place == .query, !parameter.isRequired, !parameter.schema.accepts("") {
                members["schema"] = ["anyOf": [members["schema"]!, ["type": "string", "maxLength": 0]]]
            }
            if case .array = parameter.schema.unnamed.kind { (members["style"], members["explode"]) = ("form", false) }
            return .object(members)
        }
    }

    private static func body(_ body: Endpoint.Body, _ named: inout [String: JSONValue]) -> JSONValue {
        let (type, content, isRequired): (String, JSONSchema, Bool) =
            switch body {
            case .json(let schema), .document(let schema, _): ("application/json", schema, true)
            case .optionalJSON(let schema): ("application/json", schema, false)
            case .form(let schema): ("application/x-www-form-urlencoded", schema, true)
            case .raw(let type, let schema, let isRequired): (type, schema, isRequired)
            }
        return ["required": .bool(isRequired), "content": [type: ["schema": schema(content, &named)]]]
    }

    private static func answers(_ route: Route, _ endpoint: Endpoint, _ named: inout [String: JSONValue]) -> [String: JSONValue] {
        var answers: [String: JSONValue] = [:]
        for (status, list) in Dictionary(grouping: endpoint.answers + route.commonAnswers, by: \.status) {
            var members: [String: JSONValue] = ["description": .string(list[0].description)]
            var content: [String: JSONValue] = [:]
            for (type, same) in Dictionary(grouping: list.filter { $0.schema != nil }, by: \.contentType) {
                var schemas: [JSONValue] = []
                for answer in same {
                    let one = schema(answer.schema!, &named)
                    if !schemas.contains(one) { schemas.append(one) }
                }
                content[type] = ["schema": schemas.count == 1 ? schemas[0] : ["anyOf": .array(schemas)]]
            }
            // An answer to HEAD has none, not even an error (RFC 9110 section 9.3.2).
            if !content.isEmpty, route.method != .head { members["content"] = .object(content) }
            let headers = list.flatMap(\.headers)
            if !headers.isEmpty {
                members["headers"] = .object(
                    Dictionary(headers.map { ($0.0, ["description": .string($0.1), "schema": ["type": "string"]]) }) { first, _ in first })
            }
            answers[String(status)] = .object(members)
        }
        return answers
    }
}

extension Route {
    /// Names in the path.
    var pathParameters: [String] {
        path.split(separator: "{").dropFirst().compactMap {
            $0.split(separator: "}", omittingEmptySubsequences: false).first.map(String.init)
        }
    }

    /// What every operation of its kind may answer, by what stands around its handler.
    var commonAnswers: [Endpoint.Answer] {
        guard let endpoint else { return [] }
        let retry = [("Retry-After", "Seconds to wait")]
        func error(_ status: Int, _ description: String, headers: [(String, String)] = []) -> Endpoint.Answer {
            Endpoint.Answer(status, description, APIError.schema, headers: headers)
        }
        var answers: [Endpoint.Answer] = []
        let readsBody = endpoint.body != nil
        if readsBody || endpoint.parameters.contains(where: { $0.place != .path }) {
            answers.append(Endpoint.Answer(400, "What is wrong, by field", APIError.validationSchema))
            answers.append(error(400, "What is wrong, by field"))
        }
        answers.append(error(401, "No credentials, or wrong ones", headers: [("WWW-Authenticate", "How to bring them")]))
        answers.append(error(403, "The credentials are not good for this"))
        if !pathParameters.isEmpty || endpoint.parameters.contains(where: { $0.name == "page" }) {
            answers.append(error(404, "There is no such thing, or not for this user"))
        }
        if endpoint.answers.contains(where: { $0.schema != nil }) {
            answers.append(error(406, "The Accept header excludes every form there is"))
        }
        if endpoint.parameters.contains(where: { $0.name == "If-Match" }) { answers.append(error(412, "It was changed in the meantime")) }
        if readsBody {
            answers.append(error(413, "The body is too large"))
            answers.append(error(415, "The body is of another media type"))
            answers.append(error(507, "No room left on the disk; nothing was stored"))
        }
        // Wrong credentials are counted where right ones are not.
        answers.append(error(429, "Too many requests", headers: retry))
        answers.append(error(503, "Busy, or shutting down", headers: retry))
        return answers
    }
}
