import AuthService
import Foundation
import Persistence
import TestSupport
import Testing

@Suite struct MailTests {
    /// A letter that waits to be sent, to an address of a test.
    private func enqueue(_ auth: TestAuth, _ address: String = "ana@example.org", language: MailLanguage = .spanish) async throws {
        let core = auth.service.core
        let ana = User(id: UUIDv7.make(), username: "Ñandú", created: core.now, language: language)
        try await core.change { connection, _, _ in
            let letter = Letter.reset(
                name: ana.username, link: "https://agrovet.example.org/#reset=" + String(repeating: "x", count: 90), minutes: 60)
            try core.mail.enqueue(letter, to: ana, at: address, from: core.mailFrom, now: core.now, on: connection)
        }
    }

    private func waiting(_ auth: TestAuth) async throws -> Int { try await auth.database.read { try MailQueue.length(on: $0) } }

    @Test(arguments: SQLDialect.allCases)
    func withoutAServerEachMessageIsAFile(_ dialect: SQLDialect) async throws {
        let auth = try await TestAuth(dialect)
        try await enqueue(auth)
        let sealed = try await auth.database.read { try $0.query("SELECT sealed FROM mail_queue").map { try $0.text("sealed") } }
        #expect(sealed.count == 1 && !sealed[0].contains("reset"), "the database does not tell the secret")
        #expect(try await auth.service.sender.sendNext())
        #expect(try await !auth.service.sender.sendNext())
        #expect(try await waiting(auth) == 0)
        let folder = auth.folder.path + "/mail"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == 1 && names[0].hasSuffix(".eml"))
        let path = folder + "/" + names[0]
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        #expect(text.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 78 })
        let parsed = try await ChildProcess.run(
            "python3", [Executables.packageRoot + "/Tests/AuthServiceTests/Scripts/read_mail.py", path])
        let message = try #require(
            try JSONSerialization.jsonObject(with: Data(parsed.output.utf8)) as? [String: String], "\(parsed.errors)")
        #expect(message["from"] == "Agrovet <no-reply@example.org>" && message["to"] == "ana@example.org")
        #expect(message["subject"] == "Elige una contraseña nueva")
        #expect(message["date"] == "2027-01-15T08:00:00+00:00")
        #expect(message["id"]?.hasSuffix("@example.org>") == true)
        #expect(message["body"]?.contains("Hola, Ñandú:") == true)
        #expect(AccountServer.secret(message, "#reset=") == String(repeating: "x", count: 90), "the link is whole")
    }

    @Test func whatIsRolledBackIsNotSent() async throws {
        let auth = try await TestAuth()
        struct Stop: Error {}
        let core = auth.service.core
        await #expect(throws: Stop.self) {
            try await core.change { connection, _, _ in
                let user = User(id: "x", username: "x", created: 0)
                try core.mail.enqueue(
                    .passwordChanged(name: "x"), to: user, at: "a@b.org", from: core.mailFrom, now: core.now, on: connection)
                throw Stop()
            }
        }
        #expect(try await waiting(auth) == 0)
    }

    @Test(
        arguments: [
            ("smtp://mail.example.org", "mail.example.org", 587, false, nil),
            ("smtps://mail.example.org", "mail.example.org", 465, true, nil),
            ("smtp://a%40b:p%3A%20%C3%B1@127.0.0.1:2525", "127.0.0.1", 2525, false, "a@b p: ñ"),
        ] as [(String, String, Int, Bool, String?)])
    func addresses(_ text: String, _ host: String, _ port: Int, _ isTLS: Bool, _ credentials: String?) throws {
        let address = try #require(SMTPAddress(text))
        #expect(address.host == host && address.port == port && address.isImplicitTLS == isTLS)
        #expect(address.credentials.map { $0.user + " " + $0.password } == credentials)
    }

    @Test(arguments: [
        "", "mail", "http://mail", "smtp://", "smtp://user@host", "smtp://host/path", "smtp://host:0", "smtp://host:99999", "smtp://h?x",
    ])
    func noAddresses(_ text: String) { #expect(SMTPAddress(text) == nil) }

    @Test(
        arguments: [
            (nil, .english), ("", .english), ("es", .spanish), ("es-MX,es;q=0.9,en;q=0.8", .spanish), ("en-US,es;q=0.5", .english),
            ("de, es;q=0.3", .spanish), ("es;q=0", .english), ("fr", .english),
        ] as [(String?, MailLanguage)])
    func theReadersLanguage(_ header: String?, _ language: MailLanguage) { #expect(MailLanguage(acceptLanguage: header) == language) }

    @Test func senders() {
        #expect(MailSenderName("Agrovet <no-reply@example.org>") != nil)
        #expect(MailSenderName("no-reply@example.org") != nil)
        for text in ["", "Agrovet", "x <y>", "a\r\nBcc: x@y.org <a@b.org>", "<>"] { #expect(MailSenderName(text) == nil, "\(text)") }
    }

    @Test func textIsQuotedAndStuffed() {
        #expect(MailMessage.quotedPrintable("a=b ñ \n.x") == "a=3Db =C3=B1=20\r\n.x\r\n")
        #expect(SMTPClient.dotStuffed(".a\r\n.b\r\n..c") == "..a\r\n..b\r\n...c\r\n")
        #expect(MailMessage.encodedWord("plain") == "plain")
        #expect(MailMessage.encodedWord("á\r\nBcc: x").hasPrefix("=?utf-8?B?"))
    }
}
