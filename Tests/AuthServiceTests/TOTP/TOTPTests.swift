import AuthService
import Foundation
import Persistence
import Testing

@Suite struct TOTPTests {
    /// RFC 6238, appendix B.
    @Test(
        arguments: [
            (59, "94287082", "46119246", "90693936"), (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"), (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"), (20_000_000_000, "65353130", "77737706", "47863826"),
        ] as [(Int64, String, String, String)])
    func theVectorsOfTheRFC(_ seconds: Int64, _ sha1: String, _ sha256: String, _ sha512: String) {
        let digits = Array("1234567890123456789012345678901234567890123456789012345678901234".utf8)
        let step = TOTP.step(at: seconds)
        #expect(TOTP(key: Array(digits.prefix(20)), digits: 8, hash: .sha1).code(step) == sha1)
        #expect(TOTP(key: Array(digits.prefix(32)), digits: 8, hash: .sha256).code(step) == sha256)
        #expect(TOTP(key: digits, digits: 8, hash: .sha512).code(step) == sha512)
    }

    @Test func aStepBesideIsTakenAndOneThatWasUsedIsNot() {
        let totp = TOTP(key: Array(0..<20))
        let now: Int64 = 1_800_000_015
        let step = TOTP.step(at: now)
        #expect(totp.step(of: totp.code(step - 1), at: now, after: 0) == step - 1)
        #expect(totp.step(of: totp.code(step + 1), at: now, after: 0) == step + 1)
        #expect(totp.step(of: totp.code(step - 2), at: now, after: 0) == nil)
        #expect(totp.step(of: totp.code(step), at: now, after: step) == nil)
        #expect(totp.step(of: "", at: now, after: 0) == nil)
    }

    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
    ])
    func base32(_ text: String, _ encoded: String) {
        #expect(Base32.encode(Array(text.utf8)) == encoded)
        #expect(Base32.decode(encoded.lowercased()) == Array(text.utf8))
        #expect(Base32.decode("M1") == nil)
    }

    @Test(arguments: SQLDialect.allCases)
    func aSignInNeedsItAndEachCodeWorksOnce(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let ana = try await auth.add("ana")
        let core = auth.service.core
        let (totp, codes) = try await core.change { connection, _, _ in
            let totp = try core.secondFactor.begin(ana.id, now: core.now, on: connection)
            return (totp, try core.secondFactor.makeRecoveryCodes(ana.id, on: connection))
        }
        // Nobody is locked out by a key that no app has yet.
        _ = try await auth.signIn("ana")
        let first = totp.code(TOTP.step(at: core.now / 1000))
        #expect(
            try await core.change { connection, _, _ in try core.secondFactor.confirm(ana.id, code: first, now: core.now, on: connection) })

        #expect(await auth.refusal { try await auth.signIn("ana") }?.code == "otp_required")
        #expect(await auth.refusal { try await auth.signIn("ana", "wrong") }?.code == "no_active_account")
        #expect(await auth.refusal { try await auth.signIn("ana", code: first) }?.code == "otp_invalid", "the step was used to confirm")
        auth.pass(30)
        let second = totp.code(TOTP.step(at: core.now / 1000))
        _ = try await auth.signIn("ana", code: second)
        #expect(await auth.refusal { try await auth.signIn("ana", code: second) }?.code == "otp_invalid", "a replay")

        #expect(codes.count == 10 && Set(codes).count == 10)
        _ = try await auth.signIn("ana", code: codes[0].uppercased().replacing("-", with: ""))
        #expect(await auth.refusal { try await auth.signIn("ana", code: codes[0]) }?.code == "otp_invalid", "used once")
        let stored = try await auth.database.read { try $0.query("SELECT digest FROM recovery_codes").map { try $0.text("digest") } }
        #expect(stored.count == 9 && !stored.contains { codes.contains($0) })
    }
}
