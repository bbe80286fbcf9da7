import Hummingbird
import Schemas

/// What a route takes and answers: checked before its handler runs, and told by the OpenAPI document (`OpenAPIDocument`).
public struct Endpoint: Sendable {
    /// Who may call it.
    public enum Access: Sendable, Hashable {
        /// Everybody; credentials that are given must be right.
        case anyone
        /// Whoever is signed in.
        case user
        /// Users with one of the roles; staff always.
        case roles(Set<Role>)
        /// The one user with this id.
        case only(String)

        public static let staff = roles([.staff])
    }

    /// A body as JSON, read and checked before the handler runs; or one that the handler reads by itself.
    public enum Body: Sendable {
        case json(JSONSchema)
        /// The same of a text that a person wrote as a whole, such as a policy: what is wrong anywhere in it is told under this one
        /// name, each message with its place in front (`Rules[0].Days: …`).
        case document(JSONSchema, field: String)
        /// May be left out; the handler gets `null` then.
        case optionalJSON(JSONSchema)
        /// `application/x-www-form-urlencoded`, as OAuth 2.0 has it; the members are texts.
        case form(JSONSchema)
        /// Read by the handler: media type and what is in it.
        case raw(String, JSONSchema, isRequired: Bool = true)
    }

    /// One way that the operation ends well (or in an error that is its own).
    public struct Answer: Sendable {
        public let status: Int
        public let description: String
        /// Nil for an answer without content.
        public let schema: JSONSchema?
        public let contentType: String
        /// Names of header fields and what they say.
        public let headers: [(String, String)]

        public init(
            _ status: Int, _ description: String, _ schema: JSONSchema? = nil, contentType: String = "application/json",
            headers: [(String, String)] = []
        ) {
            self.status = status
            self.description = description
            self.schema = schema
            self.contentType = contentType
            self.headers = headers
        }

        func with(header: (String, String)) -> Answer {
            Answer(status, description, schema, contentType: contentType, headers: headers + [header])
        }

        public static func ok(_ schema: JSONSchema, _ description: String = "OK") -> Answer { Answer(200, description, schema) }
        public static func created(_ schema: JSONSchema, _ description: String = "Created") -> Answer { Answer(201, description, schema) }
        public static let noContent = Answer(204, "Done; there is nothing to say")
        public static func page(of schema: JSONSchema) -> Answer { ok(.page(of: schema), "A page of the list") }
        public static func conflict(_ description: String) -> Answer { Answer(409, description, APIError.schema) }
    }

    /// Groups operations in the document, such as `marketplace`.
    public var tag: String
    public var details: String
    public var access: Access
    /// What credentials that are not good for everything must be good for, such as `marketplace:write`; where nil, none of them
    /// will do, but for what is the same for everybody.
    public var scope: String?
    public var parameters: [Parameter]
    public var body: Body?
    public var answers: [Answer]
    /// Which limit of requests counts, beside that for all; nil for none.
    public var throttle: String?
    /// Whether the limit for all requests counts. Bytes that a page is made of are fetched by the hundred.
    public var isThrottled: Bool
    /// Whether pages of every origin may read what it answers, as they may show it: pictures.
    public var isShared = false

    public init(
        _ tag: String, details: String = "", access: Access = .user, scope: String? = nil, parameters: [Parameter] = [], body: Body? = nil,
        answers: [Answer], throttle: String? = nil, isThrottled: Bool = true
    ) {
        self.tag = tag
        self.details = details
        self.access = access
        self.scope = scope
        self.parameters = parameters
        self.body = body
        self.answers = answers
        self.throttle = throttle
        self.isThrottled = isThrottled
    }

    /// The same, to be read by pages of every origin.
    public var shared: Endpoint {
        var copy = self
        copy.isShared = true
        return copy
    }

    /// What answers by `Call.answer(_:tag:)` gives its version away, and spares a client that has it the content (RFC 9110 section 13.1.2).
    public var tagged: Endpoint {
        var copy = self
        copy.parameters.append(.ifNoneMatch)
        copy.answers = answers.map { $0.status == 200 ? $0.with(header: ("ETag", "Of this version, for If-Match and If-None-Match")) : $0 }
        copy.answers.append(Answer(304, "The client has this version"))
        return copy
    }

    /// - Throws: `APIError` 401 or 403.
    package func admit(_ principal: Principal?) throws(APIError) {
        guard let principal else {
            if access == .anyone { return }
            throw APIError.notAuthenticated
        }
        // Not even what everybody sees, where it is more for the user: whoever made the key said what it is for.
        let isForAll = access == .anyone && scope == nil
        if !isForAll, let scopes = principal.scopes, !scopes.contains(scope ?? "") { throw APIError.insufficientScope(scope) }
        switch access {
        case .anyone, .user: break
        case .roles(let roles):
            guard principal.isStaff || !principal.roles.isDisjoint(with: roles) else { throw APIError.permissionDenied }
        case .only(let subject):
            guard principal.subject == subject else { throw APIError.permissionDenied }
        }
    }
}

extension APIError {
    /// 403 of RFC 6750 section 3.1.
    static func insufficientScope(_ scope: String?) -> APIError {
        let needed = scope.map { " scope=\"\($0)\"" } ?? ""
        return APIError(
            .forbidden, code: "insufficient_scope", detail: "The credentials are not good for this.",
            headers: [.wwwAuthenticate: "Bearer error=\"insufficient_scope\"\(needed)"])
    }
}
