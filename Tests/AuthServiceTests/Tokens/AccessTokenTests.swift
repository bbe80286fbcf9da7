import AuthService
import Crypto
import Foundation
import Persistence
import TestSupport
import Testing
import WebAPI

@Suite struct AccessTokenTests {
    private func token(_ auth: TestAuth, roles: Set<Role> = [.specialist]) async throws -> String {
        let ana = try await auth.add("ana", roles: roles)
        let grant = try await auth.signIn("ana")
        #expect(grant.user?.id == ana.id)
        return try await auth.service.core.accessToken(grant.session, grant.user)
    }

    /// PyJWT is another's idea of what the standards say.
    @Test(arguments: SigningAlgorithm.allCases)
    func pyJWTVerifiesIt(_ algorithm: SigningAlgorithm) async throws {
        let auth = try await TestAuth(algorithm: algorithm)
        let token = try await token(auth)
        let python = try await PythonEnvironment.interpreter(with: ["pyjwt[crypto]==2.10.1"])
        let script = Executables.packageRoot + "/Tests/AuthServiceTests/Scripts/verify_jwt.py"
        let result = try await ChildProcess.run(
            python, [script, token, try await auth.ring.jwks(), algorithm.rawValue, TestAuth.issuer, "agrovet"])
        #expect(result.status == 0, "\(result.errors)")
        let claims = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(claims["roles"] as? [String] == ["Specialist"])
        #expect(claims["scope"] == nil)
        #expect((claims["exp"] as? Int ?? 0) - (claims["iat"] as? Int ?? 0) == 900)
        for name in ["sub", "sid", "jti"] { #expect(UUIDv7.isValid(claims[name] as? String ?? ""), "\(name)") }
        #expect(try await auth.verifier().claims(of: token, now: auth.now)?.sub == claims["sub"] as? String)
    }

    @Test func issuerAudienceTypeAndTimeArePinned() async throws {
        let auth = try await TestAuth()
        let token = try await token(auth)
        func verifier(_ issuer: String = TestAuth.issuer, _ audience: String = "agrovet") -> AccessTokenVerifier {
            AccessTokenVerifier(issuer: TokenIssuer(issuer), audience: audience, keys: auth.ring, revocations: auth.revocations)
        }
        #expect(try await verifier().claims(of: token, now: auth.now) != nil)
        #expect(try await verifier("https://other.example.org").claims(of: token, now: auth.now) == nil)
        #expect(try await verifier(TestAuth.issuer, "other").claims(of: token, now: auth.now) == nil)
        #expect(try await verifier().claims(of: token, now: auth.now + 899) != nil)
        #expect(try await verifier().claims(of: token, now: auth.now + 900) == nil)
        #expect(try await verifier().claims(of: token, now: auth.now - 31) == nil, "it is not from the future")
    }

    @Test func whatIsSignedOtherwiseIsNoToken() async throws {
        let auth = try await TestAuth()
        let token = try await token(auth)
        let parts = token.split(separator: ".").map(String.init)
        let header = String(decoding: Base64URL.decode(parts[0])!, as: UTF8.self)
        let kid = try #require(header.firstMatch(of: /"kid":"([^"]+)"/)?.1)
        func forged(_ header: String, _ signature: (String) -> String) -> String {
            let text = Base64URL.encode(header.utf8) + "." + parts[1]
            return text + "." + signature(text)
        }
        let jwks = try await auth.ring.jwks()
        let x = try #require(jwks.firstMatch(of: /"x":"([^"]+)"/)?.1)
        var tokens = [
            forged(#"{"alg":"none","typ":"at+jwt","kid":"\#(kid)"}"#) { _ in "" },
            // The public key taken for the secret of HMAC, the oldest trick.
            forged(#"{"alg":"HS256","typ":"at+jwt","kid":"\#(kid)"}"#) { text in
                Base64URL.encode(
                    HMAC<SHA256>.authenticationCode(
                        for: Data(text.utf8), using: SymmetricKey(data: Base64URL.decode(String(x))!)))
            },
            forged(#"{"alg":"EdDSA","typ":"JWT","kid":"\#(kid)"}"#) { _ in parts[2] },
            forged(#"{"alg":"EdDSA","typ":"at+jwt","kid":"another"}"#) { _ in parts[2] },
            forged(#"{"alg":"EdDSA","typ":"at+jwt","kid":"\#(kid)","crit":["x"]}"#) { _ in parts[2] },
            parts[0] + "." + parts[1] + ".", parts[0] + "." + parts[1], "..", "a.b.c", "", token + "x", token.uppercased(),
            parts[0] + "." + Base64URL.encode(Array(#"{"sub":"admin"}"#.utf8)) + "." + parts[2],
        ]
        // A key of somebody else under our key's name.
        let other = Curve25519.Signing.PrivateKey()
        tokens.append(
            try {
                let text = parts[0] + "." + parts[1]
                return text + "." + Base64URL.encode(try other.signature(for: Data(text.utf8)))
            }())
        for token in tokens { #expect(try await auth.verifier().claims(of: token, now: auth.now) == nil, "\(token)") }
    }

    @Test func aKeyOfAnotherAlgorithmIsNotMistaken() async throws {
        // An ES256 key in the set, and a token that says EdDSA with its name.
        let auth = try await TestAuth(algorithm: .es256)
        let token = try await token(auth)
        let parts = token.split(separator: ".").map(String.init)
        let header = String(decoding: Base64URL.decode(parts[0])!, as: UTF8.self).replacing("ES256", with: "EdDSA")
        let forged = Base64URL.encode(header.utf8) + "." + parts[1] + "." + parts[2]
        #expect(try await auth.verifier().claims(of: token, now: auth.now) != nil)
        #expect(try await auth.verifier().claims(of: forged, now: auth.now) == nil)
    }

    @Test(arguments: SQLDialect.allCases)
    func whoMayDoLessLosesWhatWasHandedOutBefore(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let core = auth.service.core
        let ana = try await auth.add("ana", roles: [.staff])
        let grant = try await auth.signIn("ana")
        let token = try await core.accessToken(grant.session, grant.user)
        #expect(try await auth.verifier().claims(of: token, now: auth.now)?.principal.isStaff == true)
        try await core.modify(ana.id) { $0.firstName = "Ana" }
        #expect(try await auth.verifier().claims(of: token, now: auth.now) != nil, "a name is no right")
        try await core.modify(ana.id) { $0.roles = [.consumer] }
        #expect(try await auth.verifier().claims(of: token, now: auth.now) == nil)
        // The session goes on, with what the user may do now.
        let next = try await core.refresh(grant.refreshToken!, client: nil)
        let fresh = try await core.accessToken(next.session, next.user)
        #expect(try await auth.verifier().claims(of: fresh, now: auth.now)?.principal.isStaff == false)
        try await core.modify(ana.id) { $0.isActive = false }
        #expect(try await auth.verifier().claims(of: fresh, now: auth.now) == nil)
        #expect(await auth.refusal { try await core.refresh(next.refreshToken!, client: nil) } == AuthCore.wrongRefreshToken)
        // Another process learns it from the events alone.
        let elsewhere = RevocationList(lifetime: 900)
        for event in try await auth.events() { elsewhere.take(eventType: event.type, subject: event.subject, data: event.data) }
        #expect(elsewhere.isRevoked(session: nil, user: ana.id, version: 2))
        #expect(elsewhere.isRevoked(session: grant.session.id, user: "", version: 0))
        #expect(!elsewhere.isRevoked(session: nil, user: User.firstID, version: 1))
    }
}
