import AuthService
import Foundation
import TestSupport
import Testing

@Suite struct SMTPTests {
    /// A receiver with the folder of what it got.
    private struct Receiver {
        let server: PythonServer
        let folder: TemporaryFolder
        let authority: PrivateAuthority?

        init(_ mode: String, tls: Bool) async throws {
            folder = try TemporaryFolder()
            let python = try await PythonEnvironment.interpreter(with: ["aiosmtpd==1.4.6"])
            let script = Executables.packageRoot + "/Tests/AuthServiceTests/Scripts/smtp_server.py"
            var arguments = [folder.path, mode]
            if tls {
                let authority = try await PrivateAuthority()
                let identity = try await authority.issue("DNS:localhost,IP:127.0.0.1")
                arguments += [identity.certificate, identity.key]
                self.authority = authority
            } else {
                authority = nil
            }
            server = try await PythonServer.start(script, arguments, python: python, folder: folder)
        }

        func received(_ number: Int) -> [String: Any]? {
            guard let data = FileManager.default.contents(atPath: folder.path + "/\(number).json") else { return nil }
            return try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        }
    }

    private func client(_ url: String, _ receiver: Receiver, requiresTLS: Bool = true) throws -> SMTPClient {
        try SMTPClient(
            address: SMTPAddress(url)!, requiresTLS: requiresTLS, authorities: receiver.authority?.certificate ?? "",
            timeout: Patience.usual)
    }

    private let message = "Subject: x\r\n\r\nfirst\r\n.second\r\n..third\r\n"

    private func send(_ client: SMTPClient) async throws {
        try await client.send(message, id: "1", from: "no-reply@example.org", to: "ana@example.org")
    }

    @Test(arguments: ["starttls", "smtps"])
    func aMessageGoesOverTLS(_ mode: String) async throws {
        let receiver = try await Receiver(mode, tls: true)
        // By the address, and by the name that the certificate is for too.
        for host in ["127.0.0.1", "localhost"] {
            let scheme = mode == "smtps" ? "smtps" : "smtp"
            try await send(try client("\(scheme)://\(host):\(receiver.server.port)", receiver))
        }
        for number in 1...2 {
            let received = try #require(receiver.received(number))
            #expect(received["tls"] as? Bool == true)
            #expect(received["from"] as? String == "no-reply@example.org")
            #expect(received["to"] as? [String] == ["ana@example.org"])
            #expect(received["content"] as? String == message, "dots at the start of a line come through")
        }
        await receiver.server.stop()
    }

    @Test func aPasswordIsSaidOverTLSAndHasToBeRight() async throws {
        let receiver = try await Receiver("auth", tls: true)
        try await send(try client("smtp://agrovet:se%20creta%3A%C3%B1@localhost:\(receiver.server.port)", receiver))
        #expect(receiver.received(1)?["user"] as? String == "agrovet")
        await #expect(throws: MailFailure.permanent("the server answered 535")) {
            try await send(try client("smtp://agrovet:wrong@localhost:\(receiver.server.port)", receiver))
        }
        await receiver.server.stop()
    }

    @Test func nothingGoesToAServerWithoutTLSUnlessThatIsSet() async throws {
        let receiver = try await Receiver("plain", tls: false)
        let url = "smtp://127.0.0.1:\(receiver.server.port)"
        await #expect(throws: MailFailure.self) { try await send(try client(url, receiver)) }
        #expect(receiver.received(1) == nil)
        try await send(try client(url, receiver, requiresTLS: false))
        #expect(receiver.received(1)?["tls"] as? Bool == false)
        await receiver.server.stop()
    }

    @Test func aCertificateOfSomebodyElseIsRefused() async throws {
        let receiver = try await Receiver("starttls", tls: true)
        let stranger = try await PrivateAuthority()
        let client = try SMTPClient(
            address: SMTPAddress("smtp://localhost:\(receiver.server.port)")!, requiresTLS: true, authorities: stranger.certificate,
            timeout: Patience.usual)
        await #expect(throws: MailFailure.self) { try await send(client) }
        #expect(receiver.received(1) == nil)
        await receiver.server.stop()
    }

    @Test func aRefusalIsForEverAndABusyServerIsNot() async throws {
        let refusing = try await Receiver("refuse", tls: false)
        await #expect(throws: MailFailure.permanent("the server answered 550")) {
            try await send(try client("smtp://127.0.0.1:\(refusing.server.port)", refusing, requiresTLS: false))
        }
        let busy = try await Receiver("busy", tls: false)
        let sender = try client("smtp://127.0.0.1:\(busy.server.port)", busy, requiresTLS: false)
        await #expect(throws: MailFailure.temporary("the server answered 451")) { try await send(sender) }
        await #expect(throws: MailFailure.temporary("the server answered 451")) { try await send(sender) }
        try await send(sender)
        #expect(busy.received(1) != nil)
        await refusing.server.stop()
        await busy.server.stop()
        await #expect(throws: MailFailure.self) { try await send(sender) }
    }

    @Test func repliesAreTakenInWhateverPiecesTheyCome() throws {
        var replies = SMTPReplies()
        let bytes = Array("250-localhost\r\n250-SIZE 1\r\n250 STARTTLS\r\n220 go\r\n".utf8)
        var found: [SMTPReplies.Reply] = []
        for byte in bytes {
            replies.append([byte])
            while let reply = try replies.next() { found.append(reply) }
        }
        #expect(found.map(\.code) == [250, 220])
        #expect(found[0].lines == ["localhost", "SIZE 1", "STARTTLS"])
        #expect(replies.isEmpty)
        for text in ["hello\r\n", "250-a\r\n251 b\r\n", "99 x\r\n", "250x\r\n", String(repeating: "x", count: 3000)] {
            var replies = SMTPReplies()
            replies.append(text.utf8)
            #expect(throws: SMTPReplies.Failure.self) { while try replies.next() != nil {} }
        }
        var endless = SMTPReplies()
        endless.append(String(repeating: "250-x\r\n", count: 101).utf8)
        #expect(throws: SMTPReplies.Failure.tooLong) { try endless.next() }
    }
}
