import AuthService
import Foundation
import Persistence
import TestSupport
import Testing

@Suite struct SigningKeyRingTests {
    private func files(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path + "/keys").sorted()
    }

    @Test(arguments: SigningAlgorithm.allCases)
    func aKeyIsMadeOnceForItsOwnerAlone(_ algorithm: SigningAlgorithm) async throws {
        let folder = try TemporaryFolder()
        for _ in 0..<2 {
            let ring = SigningKeyRing(folder: folder.path + "/keys", algorithm: algorithm, tokenLifetime: 900)
            try await ring.prepare()
        }
        let names = try files(folder)
        #expect(names.count == 1 && names[0].hasSuffix(".\(algorithm.rawValue)"))
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/keys/" + names[0])
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func olderOnesVerifyForAsLongAsTheirTokensLive() async throws {
        let auth = try await TestAuth()
        let core = auth.service.core
        try await auth.add("ana")
        let grant = try await auth.signIn("ana")
        let old = try await core.accessToken(grant.session, grant.user)
        try await auth.ring.rotate()
        let new = try await core.accessToken(grant.session, grant.user)
        #expect(old.split(separator: ".")[0] != new.split(separator: ".")[0], "another kid")
        for token in [old, new] { #expect(try await auth.verifier().claims(of: token, now: auth.now) != nil) }
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        try await auth.ring.maintain(age: .seconds(86_400), now: now + 900_000)
        #expect(try files(auth.folder).count == 2)
        try await auth.ring.maintain(age: .seconds(86_400), now: now + 3_600_000)
        #expect(try files(auth.folder).count == 1)
        #expect(try await auth.verifier().claims(of: old, now: auth.now) == nil)
        #expect(try await auth.verifier().claims(of: new, now: auth.now) != nil)
    }

    @Test func anOldKeyIsReplacedByAge() async throws {
        let folder = try TemporaryFolder()
        let ring = SigningKeyRing(folder: folder.path + "/keys", algorithm: .eddsa, tokenLifetime: 900)
        try await ring.prepare()
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        try await ring.maintain(age: .seconds(86_400), now: now + 86_000_000)
        let first = try files(folder)
        #expect(first.count == 1)
        // A key of a time so far ahead has nothing left to verify.
        try await ring.maintain(age: .seconds(86_400), now: now + 87_000_000)
        #expect(try files(folder).count == 1 && files(folder) != first)
    }

    @Test func aKeyThatAnotherProcessMadeVerifies() async throws {
        let auth = try await TestAuth()
        let other = SigningKeyRing(folder: auth.folder.path + "/keys", algorithm: .es256, tokenLifetime: 900)
        try await other.prepare()
        let id = try await other.rotate()
        // The ring looks at the folder once a second at most.
        try await Task.sleep(for: .milliseconds(1100))
        #expect(try await auth.ring.key(id)?.name == "ES256")
        #expect(try await auth.ring.key("another") == nil)
    }

    @Test func whatIsNoKeyIsSaid() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/keys", withIntermediateDirectories: true)
        try "rubbish".write(toFile: folder.path + "/keys/\(UUIDv7.make()).EdDSA", atomically: true, encoding: .utf8)
        let ring = SigningKeyRing(folder: folder.path + "/keys", algorithm: .eddsa, tokenLifetime: 900)
        await #expect(throws: (any Error).self) { try await ring.prepare() }
    }
}
