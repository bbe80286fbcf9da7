import AuthService
import Foundation
import Persistence
import Testing
import WebAPI

@Suite struct AuthorizationRequestTests {
    private let client = OAuthClient(
        id: "c1", name: "A client", secretDigest: "", redirectURIs: ["https://app.example.org/back?x=1", "org.example.app:/back"],
        grants: [.authorizationCode], scopes: ["openid", "media:read"], created: 0)

    /// RFC 7636, appendix B.
    private let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    private let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    private func fields(_ changes: [String: String] = [:]) -> [(name: String, value: String)] {
        var fields = [
            "response_type": "code", "client_id": "c1", "redirect_uri": "https://app.example.org/back?x=1", "scope": "openid media:read",
            "state": "s", "code_challenge": challenge, "code_challenge_method": "S256", "nonce": "n",
        ]
        for (name, value) in changes { fields[name] = value }
        return fields.map { (name: $0.key, value: $0.value) }
    }

    /// In milliseconds it would be no number any more.
    @Test func anAgeBeyondAnySessionIsThatOfTheOldest() throws {
        #expect(try AuthorizationRequest(fields(["max_age": "\(Int.max)"]), client: client).maximumAge == 1_000_000_000)
    }

    @Test func aRequestThatIsRightIsRead() throws {
        let request = try AuthorizationRequest(fields(["prompt": "login consent", "max_age": "60"]), client: client)
        #expect(request.scopes == ["media:read", "openid"] || request.scopes == ["openid", "media:read"])
        #expect(request.prompt == ["login", "consent"] && request.maximumAge == 60 && request.state == "s" && request.nonce == "n")
        let again = try AuthorizationRequest(request.fields, client: client)
        #expect(FormFields.encode(again.fields) == FormFields.encode(request.fields), "it says the same when it is repeated")
    }

    @Test(arguments: [
        ["client_id": "c2"], ["redirect_uri": "https://app.example.org/back?x=2"], ["redirect_uri": "https://app.example.org/back?x=1#f"],
        ["redirect_uri": "HTTPS://app.example.org/back?x=1"], ["redirect_uri": "https://app.example.org/back"], ["redirect_uri": ""],
        ["redirect_uri": "https://evil.example.org/"],
    ])
    func whereToGoBackToIsExactOrNowhere(_ changes: [String: String]) {
        do {
            _ = try AuthorizationRequest(fields(changes), client: changes["client_id"] == nil ? client : nil)
            Issue.record("taken: \(changes)")
        } catch {
            guard case .shown = error else {
                Issue.record("told to the address that is not trusted: \(changes)")
                return
            }
        }
    }

    @Test(
        arguments: [
            (["response_type": "token"], "unsupported_response_type"), (["code_challenge_method": "plain"], "invalid_request"),
            (["code_challenge": "short"], "invalid_request"), (["code_challenge": ""], "invalid_request"),
            (["scope": "admin"], "invalid_scope"),
            (["scope": "made:up"], "invalid_scope"), (["prompt": "none login"], "invalid_request"), (["max_age": "-1"], "invalid_request"),
            (["request": "eyJ"], "request_not_supported"), (["response_mode": "fragment"], "invalid_request"),
        ] as [([String: String], String)])
    func othersAreToldToTheClient(_ changes: [String: String], _ code: String) {
        do {
            _ = try AuthorizationRequest(fields(changes), client: client)
            Issue.record("taken: \(changes)")
        } catch {
            guard case .redirected(let address, let told, _, let state) = error else {
                Issue.record("not told: \(changes)")
                return
            }
            #expect(told == code && state == "s" && address == "https://app.example.org/back?x=1")
        }
    }

    @Test func whatStandsTwiceIsRefused() {
        #expect(throws: AuthorizationRequest.Failure.self) {
            try AuthorizationRequest(fields() + [(name: "redirect_uri", value: "https://evil.example.org/")], client: client)
        }
    }

    @Test func theVerifierOfTheRFCFits() {
        #expect(AuthorizationRequest.verify(verifier, challenge: challenge))
        for other in ["", verifier + "x", String(verifier.dropLast()), challenge] {
            #expect(!AuthorizationRequest.verify(other, challenge: challenge), "\(other)")
        }
    }

    @Test func theAnswerGoesBehindWhatTheAddressHas() {
        #expect(
            AuthorizationRequest.location("https://app.example.org/back?x=1", [(name: "code", value: "a b")])
                == "https://app.example.org/back?x=1&code=a%20b")
        #expect(AuthorizationRequest.location("org.example.app:/back", [(name: "code", value: "c")]) == "org.example.app:/back?code=c")
    }

    @Test(arguments: [
        ("https://app.example.org/back", true), ("http://localhost:8080/x", true), ("http://127.0.0.1/x", true),
        ("org.example.app:/x", true),
        ("http://app.example.org/", false), ("https://app.example.org/#f", false), ("javascript:alert(1)", false), ("myapp:/x", false),
        ("https://user@app.example.org/", false), ("/back", false), ("", false), ("https://a b/", false), ("data:text/html,x", false),
    ])
    func addressesToGoBackTo(_ text: String, _ isTaken: Bool) { #expect((OAuthClient.problem(redirectURI: text) == nil) == isTaken) }
}
