import Crypto
import Foundation
import WebAPI

/// What a client asks of a user (RFC 6749 section 4.1.1, RFC 7636, OpenID Connect Core 1.0 section 3.1.2.1). Parsed once, pure.
package struct AuthorizationRequest: Sendable, Equatable {
    package let clientID: String
    package let redirectURI: String
    package let scopes: [String]
    package let state: String?
    package let challenge: String
    package let nonce: String?
    /// Words of `prompt`.
    package let prompt: Set<String>
    /// Seconds that may have passed since the user signed in.
    package let maximumAge: Int?

    /// More than any session lasts: thirty years.
    private static let longestAge = 1_000_000_000

    /// What is known before anything is right: where an error may be sent to.
    package enum Failure: Error, Sendable, Equatable {
        /// Shown to the user: the address to go back to cannot be trusted (RFC 6749 section 4.1.2.1).
        case shown(String)
        /// Told to the client.
        case redirected(to: String, code: String, description: String, state: String?)
    }

    /// - Parameters:
    ///   - fields: of the query, or of the form that repeats it.
    ///   - client: of the id in it; nil where there is none of that id.
    package init(_ fields: [(name: String, value: String)], client: OAuthClient?) throws(Failure) {
        var values: [String: String] = [:]
        for field in fields where !field.value.isEmpty {
            guard values.updateValue(field.value, forKey: field.name) == nil else {
                throw .shown("The parameter \(field.name) stands twice.")
            }
        }
        guard let client, client.id == values["client_id"], client.grants.contains(.authorizationCode) else {
            throw .shown("The application is not known here.")
        }
        // Compared as texts (RFC 9700 section 2.1): what only looks like it is another.
        guard let redirect = values["redirect_uri"], client.redirectURIs.contains(redirect) else {
            throw .shown("The application did not say where to go back to, or it is another address than those it has told before.")
        }
        let state = values["state"]
        func failure(_ code: OAuthError.Code, _ description: String) -> Failure {
            .redirected(to: redirect, code: code.rawValue, description: description, state: state)
        }
        guard values["response_type"] == "code" else { throw failure(.unsupportedResponseType, "response_type has to be code") }
        guard values["request"] == nil, values["request_uri"] == nil else {
            throw failure(.requestNotSupported, "request objects are not taken")
        }
        guard (values["response_mode"] ?? "query") == "query" else { throw failure(.invalidRequest, "response_mode has to be query") }
        guard let challenge = values["code_challenge"], values["code_challenge_method"] == "S256",
            Base64URL.decode(challenge)?.count == 32
        else { throw failure(.invalidRequest, "PKCE with the method S256 is required") }
        guard let scopes = Scopes.parse(values["scope"] ?? ""), Set(scopes).isSubset(of: client.scopes) else {
            throw failure(.invalidScope, "a scope is not known, or not for this client")
        }
        let prompt = Set((values["prompt"] ?? "").split(separator: " ").map(String.init))
        guard !prompt.contains("none") || prompt.count == 1 else { throw failure(.invalidRequest, "prompt=none stands alone") }
        var age: Int?
        if let text = values["max_age"] {
            guard let seconds = Int(text), seconds >= 0 else { throw failure(.invalidRequest, "max_age has to be a number of seconds") }
            age = min(seconds, Self.longestAge)
        }
        guard (values["nonce"] ?? "").utf8.count <= 500, (state ?? "").utf8.count <= 2000 else {
            throw failure(.invalidRequest, "state or nonce is too long")
        }
        clientID = client.id
        redirectURI = redirect
        self.scopes = scopes
        self.state = state
        self.challenge = challenge
        nonce = values["nonce"]
        self.prompt = prompt
        maximumAge = age
    }

    /// The request as the fields of a form, by which the user's answer repeats it; the same text for the same request.
    package var fields: [(name: String, value: String)] {
        var fields = [
            ("response_type", "code"), ("client_id", clientID), ("redirect_uri", redirectURI), ("scope", scopes.joined(separator: " ")),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ]
        if let state { fields.append(("state", state)) }
        if let nonce { fields.append(("nonce", nonce)) }
        if !prompt.isEmpty { fields.append(("prompt", prompt.sorted().joined(separator: " "))) }
        return fields.map { (name: $0.0, value: $0.1) }
    }

    /// Where the user goes back to, with the answer (RFC 6749 section 4.1.2, RFC 9207).
    package static func location(_ redirectURI: String, _ answer: [(name: String, value: String)]) -> String {
        redirectURI + (redirectURI.contains("?") ? "&" : "?") + FormFields.encode(answer)
    }

    /// Whether a verifier is the one that the challenge was made from (RFC 7636 section 4.6).
    package static func verify(_ verifier: String, challenge: String) -> Bool {
        guard verifier.wholeMatch(of: /[A-Za-z0-9._~-]{43,128}/) != nil, let expected = Base64URL.decode(challenge) else { return false }
        return ConstantTime.areEqual(Array(SHA256.hash(data: Data(verifier.utf8))), expected)
    }
}
