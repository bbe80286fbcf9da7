import AuthService
import Foundation
import Persistence
import Testing
import WebAPI

@Suite struct UserImportTests {
    private let fixture = """
        [{"model": "auth.group", "pk": 3, "fields": {"name": "Specialist", "permissions": []}},
         {"model": "auth.user", "pk": 1, "fields": {"password": "pbkdf2_sha256$1000$salt$\(TestAuth.oldHash)", "last_login": "2026-01-02T03:04:05.123456Z",
          "is_superuser": true, "username": "admin", "first_name": "Ada", "last_name": "Ruiz", "email": "ada@example.org", "is_staff": true,
          "is_active": true, "date_joined": "2020-05-06T07:08:09Z", "groups": [], "user_permissions": []}},
         {"model": "auth.user", "pk": 2, "fields": {"password": "pbkdf2_sha256$1000$salt$\(TestAuth.oldHash)", "last_login": null,
          "is_superuser": false, "username": "vet@clinic.example", "first_name": "", "last_name": "", "email": "vet@clinic.example", "is_staff": false,
          "is_active": true, "date_joined": "2021-05-06T07:08:09+00:00", "groups": [3], "user_permissions": []}},
         {"model": "accounts.customuser", "pk": "7c", "fields": {"password": "!unusable", "username": "gone", "email": "VET@clinic.example",
          "is_active": false, "role": "empresario", "groups": [["Staff"]]}},
         {"model": "auth.user", "pk": 9, "fields": {"password": "", "username": "bad name", "email": ""}}]
        """

    @Test(arguments: SQLDialect.allCases)
    func djangosUsersComeInOnceAndNoticeNothing(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        let users = try ImportedUser.parse(Data(fixture.utf8))
        #expect(users.map(\.key) == ["1", "2", "7c", "9"])
        let trial = try await auth.service.core.importUsers(users, areEmailsVerified: true, isTrial: true)
        #expect(trial.map(\.result) == [.adopted, .created, .created, .refused])
        #expect(try await auth.events().count == 1, "a trial does nothing")
        let outcomes = try await auth.service.core.importUsers(users, areEmailsVerified: true, isTrial: false)
        #expect(outcomes.map(\.result) == [.adopted, .created, .created, .refused])
        #expect(outcomes[0].id == User.firstID)
        #expect(outcomes[2].remark.contains("no password") && outcomes[2].remark.contains("another account's"))
        let again = try await auth.service.core.importUsers(users, areEmailsVerified: true, isTrial: false)
        #expect(again.map(\.result) == [.kept, .kept, .kept, .refused])
        #expect(Array(again.prefix(3).map(\.id)) == Array(outcomes.prefix(3).map(\.id)))

        let vet = try #require(try await auth.signIn("vet@clinic.example").user)
        #expect(vet.roles == [.specialist] && vet.isEmailVerified && vet.created == Timestamp.milliseconds("2021-05-06T07:08:09Z"))
        #expect(vet.password.text.hasPrefix("$argon2id$"), "written anew")
        let admin = try #require(try await auth.signIn("admin").user)
        #expect(admin.roles == [.staff] && admin.displayName == "Ada Ruiz")
        let gone = try #require(try await auth.database.read { try UserTable.find(username: "gone", on: $0) })
        #expect(gone.roles == [.businessman] && !gone.isActive && !gone.isEmailVerified, "a group named Staff makes no staff")
        #expect(try await auth.events().map(\.type) == ["user.created", "user.updated", "user.created", "user.created"])
    }

    @Test func aTableIsReadAsRFC4180HasIt() throws {
        let csv =
            "\u{FEFF}username,Email,roles,first_name,is_staff\r\nana,ana@example.org,Specialist Businessman,\"Ana, la \"\"Vaca\"\"\nde aquí\",0\r\n\r\neva,,,,true\n"
        let users = try ImportedUser.parse(Data(csv.utf8))
        #expect(users.map(\.username) == ["ana", "eva"])
        #expect(users[0].firstName == "Ana, la \"Vaca\"\nde aquí" && users[0].roles == [.specialist, .businessman])
        #expect(users[1].roles == [.staff] && users[1].email == "")
    }

    @Test(arguments: [
        "", "name,email\nx,y", "username,salary\nx,1", "username,email\nx", "username\n\"x", "username\n\"x\"y", "[]", "[1]",
        "[{\"model\":\"x\"}]", "[",
    ])
    func whatIsNoExportIsSaid(_ text: String) {
        #expect(throws: ImportedUser.Failure.self) { try ImportedUser.parse(Data(text.utf8)) }
    }
}
