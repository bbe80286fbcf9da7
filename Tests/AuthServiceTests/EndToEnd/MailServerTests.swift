import Foundation
import TestSupport
import Testing

@Suite struct MailServerTests {
    /// The receiver turns the first two away; what waits survives the end of the server too.
    @Test func aLetterWaitsForABusyServerAndForARestart() async throws {
        let received = try TemporaryFolder()
        let python = try await PythonEnvironment.interpreter(with: ["aiosmtpd==1.4.6"])
        let script = Executables.packageRoot + "/Tests/AuthServiceTests/Scripts/smtp_server.py"
        let receiver = try await PythonServer.start(script, [received.path, "busy"], python: python, folder: received)
        let environment = [
            "AGROVET_MAIL_URL": "smtp://127.0.0.1:\(receiver.port)", "AGROVET_MAIL_STARTTLS": "false",
            "AGROVET_MAIL_FROM": "Agrovet <no-reply@example.org>",
        ]
        let folder = try TemporaryFolder()
        let server = try await AccountServer.start(folder: folder, environment: environment)
        #expect(try await server.register("ana", email: "ana@example.org").status == 201)
        await server.process.kill()
        let again = try await AccountServer.start(folder: folder, environment: environment)
        let deadline = ContinuousClock.now + Patience.usual
        while !FileManager.default.fileExists(atPath: received.path + "/1.json"), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(100))
        }
        let data = try #require(FileManager.default.contents(atPath: received.path + "/1.json"))
        let message = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(message["to"] as? [String] == ["ana@example.org"] && message["from"] as? String == "no-reply@example.org")
        #expect((message["content"] as? String)?.contains("#verify=") == true)
        #expect(await again.process.stop() == 0)
        #expect(!again.process.log.contains("ana@example.org"), "nobody's address is in the log")
        await receiver.stop()
    }
}
