import AuthService
import Foundation
import Persistence
import Testing

@Suite struct PasswordKindTests {
    private static let zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    private static let bcrypt = String(repeating: "a", count: 53)

    /// Texts as Django and this service store them, with their kinds.
    static let kinds = [
        ("pbkdf2_sha256$87$gNaCl$\(zeros)", "pbkdf2_sha256$87$"), ("pbkdf2_sha256$1200$1000$\(zeros)", "pbkdf2_sha256$1200$"),
        ("bcrypt_sha256$$2b$12$\(bcrypt)", "bcrypt_sha256$$2b$12$"), ("bcrypt$$2b$10$\(bcrypt)", "bcrypt$$2b$10$"),
        ("argon2$argon2id$v=19$m=102400,t=2,p=8$bXRwYWJj$aGFzaA", "argon2$argon2id$v=19$m=102400,t=2,p=8$"),
        ("argon2$argon2i$v=19$m=512,t=2,p=2$c2FsdHNhbHQ$aGFzaA", "argon2$argon2i$v=19$m=512,t=2,p=2$"),
        ("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA", "$argon2id$v=19$m=19456,t=2,p=1$"),
        ("$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA", "$argon2i$v=19$m=64,t=1,p=1$"),
    ]

    @Test(arguments: kinds)
    func aKindIsWhatStandsBeforeTheSalt(_ text: String, _ kind: String) throws {
        let found = try #require(PasswordKind(StoredPassword(text)))
        #expect(found.text == kind)
        // A sample of it takes the same work.
        #expect(found.sample.isUsable && PasswordKind(found.sample) == found)
        #expect(!found.sample.matches(""))
    }

    @Test(arguments: ["", "!", "!unusable", "md5$salt$abc", "pbkdf2_sha1$1000$salt$abc", "scrypt$salt$16384$8$1$abc"])
    func whatIsNotVerifiedIsOfNone(_ text: String) { #expect(PasswordKind(StoredPassword(text)) == nil) }

    /// Accounts of before the table are taken down by the migration, as they are later by the program.
    @Test(arguments: SQLDialect.allCases)
    func theKindsOfAnOlderDatabaseAreTakenDown(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        try await auth.database.write { connection in
            try connection.executeScript("DROP TABLE password_kinds; DELETE FROM users;")
            try connection.execute("DELETE FROM schema_migrations WHERE name = '0008-password-kinds'")
            for (number, text) in (Self.kinds.map(\.0) + Self.kinds.map(\.0) + ["", "!unusable", "md5$salt$abc"]).enumerated() {
                try connection.execute(
                    """
                    INSERT INTO users (id, username, email, email_verified, first_name, last_name, roles, active, password, created, version,
                        language, username_key)
                    VALUES ($1, $1, '', 0, '', '', '', 1, $2, 0, 1, 'en', $1)
                    """, [SQLValue("user\(number)"), SQLValue(text)])
            }
        }
        try await Migrator.migrate(auth.database, service: "auth", AuthService.migrations)
        let found = try await auth.database.read { try PasswordKindTable.all(on: $0) }
        #expect(Set(found.map(\.text)) == Set(Self.kinds.map(\.1)) && found.count == Self.kinds.count)
    }

    @Test(arguments: SQLDialect.allCases)
    func whatNoAccountHasAnyMoreIsForgottenAtTheNextStart(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let core = auth.service.core
        let old = "pbkdf2_sha256$1000$salt$" + TestAuth.oldHash
        _ = try await core.importUsers([.of("ana", old)], areEmailsVerified: true, isTrial: false)
        func kinds() async throws -> [String] { try await auth.database.read { try PasswordKindTable.all(on: $0).map(\.text) } }
        #expect(try await kinds() == ["pbkdf2_sha256$1000$"])
        _ = try await auth.signIn("ana")
        #expect(try await kinds() == ["$argon2id$v=19$m=64,t=1,p=1$", "pbkdf2_sha256$1000$"])
        try await auth.service.prepare(token: TestAuth.token)
        #expect(try await kinds() == ["$argon2id$v=19$m=64,t=1,p=1$"])
    }
}

extension ImportedUser {
    /// As another system tells of an account.
    static func of(_ username: String, _ password: String, email: String = "") -> ImportedUser {
        var user = ImportedUser()
        (user.key, user.username, user.password, user.email) = (username, username, password, email)
        return user
    }
}
