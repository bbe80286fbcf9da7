import Hummingbird
import WebAPI

/// What OAuth's own endpoints fail with (RFC 6749 section 4.1.2.1 and 5.2), in its form rather than in DRF's.
struct OAuthError: Error, Sendable, Equatable {
    enum Code: String, Sendable {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case unauthorizedClient = "unauthorized_client"
        case unsupportedGrantType = "unsupported_grant_type"
        case unsupportedResponseType = "unsupported_response_type"
        case invalidScope = "invalid_scope"
        case accessDenied = "access_denied"
        // OpenID Connect Core 1.0 section 3.1.2.6.
        case loginRequired = "login_required"
        case consentRequired = "consent_required"
        case requestNotSupported = "request_not_supported"
    }

    let code: Code
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    func response() -> Response {
        let isClient = code == .invalidClient
        var response = Response.json(
            isClient ? .unauthorized : .badRequest,
            JSONText.object([("error", JSONText.string(code.rawValue)), ("error_description", JSONText.string(description))]))
        response.headers[.cacheControl] = "no-store"
        if isClient { response.headers[.wwwAuthenticate] = "Basic realm=\"oauth\"" }
        return response
    }
}
