import AuthService
import Foundation
import TestSupport
import Testing

@Suite struct StoredPasswordTests {
    /// Every hash is made by the real Django.
    @Test func whatDjangoHashedIsVerified() async throws {
        let python = try await PythonEnvironment.interpreter(with: ["django==5.2.9", "argon2-cffi==25.1.0", "bcrypt==4.3.0"])
        let script = Executables.packageRoot + "/Tests/AuthServiceTests/Scripts/django_hashes.py"
        for password in ["Lácteos & Cía. 2026", String(repeating: "ñ", count: 80)] {
            let result = try await ChildProcess.run(python, [script, password])
            let hashes = result.output.split(separator: "\n").map(String.init)
            try #require(hashes.count == 6, "\(result.errors)")
            let names = ["pbkdf2_sha256", "argon2", "bcrypt_sha256", "bcrypt", "pbkdf2_sha256"]
            for (hash, name) in zip(hashes, names) {
                #expect(hash.hasPrefix(name + "$"))
                let stored = StoredPassword(hash)
                #expect(stored.isUsable)
                // Plain bcrypt reads 72 bytes and no more: what is beyond them does not count.
                #expect(stored.matches(password), "\(hash)")
                #expect(!stored.matches("x" + password), "\(hash)")
                #expect(!stored.matches(""), "\(hash)")
                #expect(!stored.isCurrent(.init()), "it is to be written anew")
            }
            let unusable = StoredPassword(hashes[5])
            #expect(!unusable.isUsable)
            #expect(!unusable.matches(password))
        }
    }

    @Test func djangoVerifiesWhatIsHashedHere() async throws {
        let python = try await PythonEnvironment.interpreter(with: ["django==5.2.9", "argon2-cffi==25.1.0", "bcrypt==4.3.0"])
        let script = Executables.packageRoot + "/Tests/AuthServiceTests/Scripts/django_hashes.py"
        let hash = try Argon2id.hash("cuajada 77", .init())
        #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(try await ChildProcess.run(python, [script, "cuajada 77", hash]).output == "True\n")
        #expect(try await ChildProcess.run(python, [script, "cuajada 78", hash]).output == "False\n")
    }

    @Test func aHashIsCurrentOnlyAtTheCostThatIsSet() throws {
        let cost = Argon2id.Cost(memory: 64, passes: 1, lanes: 1)
        let stored = StoredPassword(try Argon2id.hash("p", cost))
        #expect(stored.isCurrent(cost))
        #expect(!stored.isCurrent(.init(memory: 64, passes: 2, lanes: 1)))
        #expect(stored.text != (try Argon2id.hash("p", cost)), "each has a salt of its own")
    }

    @Test(arguments: [
        "", "!", "plain", "md5$salt$abc", "pbkdf2_sha256$", "pbkdf2_sha256$0$salt$AAAA", "pbkdf2_sha256$x$s$h", "$argon2id$v=19$",
        "$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$aGFzaA", "bcrypt$$2b$99$", "bcrypt_sha256$$2b$12$short", "argon2$", "$", "$$$$$",
        "pbkdf2_sha256$99999999999$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ])
    func whatIsNoHashFitsNothing(_ text: String) {
        #expect(!StoredPassword(text).matches(""))
        #expect(!StoredPassword(text).matches("password"))
    }

    /// Told by what is computed, not by the time that it takes here and now: a hash of the kind that accounts have now, at its whole cost.
    @Test(arguments: [nil, "!", "plain"]) func anUnknownAccountCostsWhatAWrongPasswordCosts(_ text: String?) async throws {
        func compared(_ stored: StoredPassword?) async throws -> Set<PasswordKind> {
            let hasher = try PasswordHasher(cost: .init(), threads: 1, waiting: 10)
            #expect(try await !hasher.verify("another", stored))
            let kinds = hasher.comparedKinds
            await hasher.close()
            return kinds
        }
        let stored = StoredPassword(try Argon2id.hash("a password", .init()))
        let wrong = try await compared(stored)
        #expect(wrong == [try #require(PasswordKind(stored))])
        #expect(try await compared(text.map { StoredPassword($0) }) == wrong)
    }

    @Test func tooManyAtOnceAreTurnedAway() async throws {
        let hasher = try PasswordHasher(cost: .init(memory: 65_536, passes: 3, lanes: 1), threads: 1, waiting: 2)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<12 { group.addTask { (try? await hasher.hash("p")) != nil } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 }.count >= 3)
        #expect(outcomes.contains(false))
        #expect(try await hasher.hash("p").isUsable, "and there is room again")
        await hasher.close()
    }
}
