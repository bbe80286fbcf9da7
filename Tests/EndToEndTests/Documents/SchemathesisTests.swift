import Foundation
import TestSupport
import Testing

/// The OpenAPI document against the server that it describes: schemathesis makes requests of it, right ones and wrong ones, and looks whether
/// the answers are among those that are documented.
@Suite struct SchemathesisTests {
    /// Groups of operations, each with a server of its own: what one does to the account must not spoil the others.
    private static let groups = [
        ["adds", "categories", "orders", "favourites", "saved-searches", "reports", "sellers"], ["profiles", "specialties", "reviews"],
        ["auth", "users", "oauth", "session"], ["media", "webhooks", "server"],
    ]

    @Test(arguments: groups)
    func noAnswerIsUndocumentedAndNoneIsAServersError(_ tags: [String]) async throws {
        let server = try await AgrovetProcess.start(arguments: ["--set", "throttle-anonymous=", "--set", "throttle-user=", "--set", "s3=false"])
        let schema = try await HTTPTestClient(server.baseURL).get("/api/schema/")
        #expect(schema.status == 200)
        let folder = try TemporaryFolder()
        try schema.body.write(to: URL(fileURLWithPath: folder.path + "/openapi.json"))
        let python = try await PythonEnvironment.interpreter(with: ["schemathesis==4.32.5"])
        let program = (python as NSString).deletingLastPathComponent + "/schemathesis"
        let result = try await ChildProcess.run(
            program,
            [
                "run", folder.path + "/openapi.json", "--url", server.baseURL, "--header", "Authorization: Bearer \(server.token)", "--checks", "all",
                "--phases", "examples,coverage,fuzzing", "--max-examples", "8", "--workers", "2", "--request-timeout", "30", "--seed", "1",
                "--no-color", "--continue-on-failure",
                // What ends the session that the requests are made with, and what never ends.
                "--exclude-operation-id", "get_api_events",
            ] + tags.flatMap { ["--include-tag", $0] }, atMost: .seconds(900))
        #expect(result.status == 0, "\(result.output.suffix(20_000)) \(result.errors.suffix(2000))")
        #expect(try await HTTPTestClient(server.baseURL).get("/health/").status == 200)
        await server.stop()
    }
}
