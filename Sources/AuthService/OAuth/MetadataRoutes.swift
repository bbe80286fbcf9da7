import Foundation
import Hummingbird
import Schemas
import WebAPI

/// What clients read to find their way: the metadata of RFC 8414 and of OpenID Connect Discovery 1.0, and the public keys.
struct MetadataRoutes: Sendable {
    let core: AuthCore

    private static let metadata = JSONSchema.object(.required("issuer", .string()), .required("jwks_uri", .string()))

    var routes: [Route] {
        [
            Route(
                .get, "/.well-known/jwks.json", "Public keys of tokens (RFC 7517)",
                Endpoint("oauth", access: .anyone, answers: [.ok(.object(.required("keys", .array(.any))))])
            ) { _ in
                // Short: a service that meets an unknown key asks anew anyhow.
                .json(.ok, try await core.ring.jwks(), headers: [.cacheControl: "public, max-age=60"])
            },
            Route(
                .get, "/.well-known/oauth-authorization-server", "Metadata of the authorization server (RFC 8414)",
                Endpoint("oauth", access: .anyone, answers: [.ok(Self.metadata)])
            ) { _ in Self.answer(members) },
            Route(
                .get, "/.well-known/openid-configuration", "Metadata of the OpenID provider (OpenID Connect Discovery 1.0)",
                Endpoint("oauth", access: .anyone, answers: [.ok(Self.metadata)])
            ) { _ in
                Self.answer(
                    members.merging([
                        "userinfo_endpoint": .string(core.issuer.url + "/oauth/userinfo/"), "subject_types_supported": ["public"],
                        "id_token_signing_alg_values_supported": .array(SigningAlgorithm.allCases.map { .string($0.rawValue) }),
                        "claims_supported": [
                            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "name", "given_name", "family_name",
                            "preferred_username", "locale", "email", "email_verified", "roles",
                        ], "request_parameter_supported": false, "request_uri_parameter_supported": false,
                        "prompt_values_supported": ["none", "login", "consent"],
                    ]) { $1 })
            },
        ]
    }

    private static func answer(_ members: [String: JSONValue]) -> Response {
        .json(.ok, JSONValue.object(members).json, headers: [.cacheControl: "public, max-age=300"])
    }

    private var members: [String: JSONValue] {
        let base = core.issuer.url
        let methods: JSONValue = ["client_secret_basic", "client_secret_post"]
        return [
            "issuer": .string(base), "authorization_endpoint": .string(base + "/oauth/authorize/"),
            "token_endpoint": .string(base + "/oauth/token/"), "revocation_endpoint": .string(base + "/oauth/revoke/"),
            "introspection_endpoint": .string(base + "/oauth/introspect/"), "jwks_uri": .string(base + "/.well-known/jwks.json"),
            "scopes_supported": .array((Scopes.identity + Scopes.all).map { .string($0) }), "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "introspection_endpoint_auth_methods_supported": methods, "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        ]
    }
}
