import Foundation
import TestSupport
import Testing

/// The OpenAPI document against the server that it describes: schemathesis makes requests of it, right ones and wrong ones, and looks whether
/// the answers are among those that are documented.
@Suite struct SchemathesisTests {
    /// Groups of operations; those of tus speak a protocol of their own, which its own client tests (`TuspyTests`). Each with a server of its own: what one does to the account must not spoil the others.
    private static let groups = [
        ["adds", "categories", "orders", "favourites", "saved-searches", "reports", "sellers"], ["profiles", "specialties", "reviews"],
        ["auth", "users", "oauth", "session"], ["media", "webhooks", "server"],
    ]

    @Test(arguments: groups)
    func noAnswerIsUndocumentedAndNoneIsAServersError(_ tags: [String]) async throws {
        let server = try await AgrovetProcess.start(arguments: [
            "--set", "throttle-anonymous=", "--set", "throttle-user=", "--set", "s3=false",
        ])
        let schema = try await HTTPTestClient(server.baseURL).get("/api/schema/")
        #expect(schema.status == 200)
        let folder = try TemporaryFolder()
        try schema.body.write(to: URL(fileURLWithPath: folder.path + "/openapi.json"))
        let python = try await PythonEnvironment.interpreter(with: ["schemathesis==4.32.5"])
        let program = (python as NSString).deletingLastPathComponent + "/schemathesis"
        // In a folder of its own, since it leaves one behind where it runs. By one worker: parsing code in two threads at once can end Python
        // 3.11 with a SystemError.
        let result = try await ChildProcess.run(
            "sh",
            [
                "-c", "cd \"$0\" && exec \"$@\"", folder.path, program, "run", "openapi.json", "--url", server.baseURL, "--header",
                "Authorization: Bearer \(server.token)", "--checks", "all",
                // A schema cannot say that a category has to be there, nor that an amount fits its currency: such a body may be refused.
                "--exclude-checks", "positive_data_acceptance", "--phases", "examples,coverage,fuzzing", "--max-examples", "3", "--workers",
                "1",
                "--request-timeout", "30", "--seed", "1", "--no-color", "--continue-on-failure",
                // It never ends.
                "--exclude-operation-id", "get_api_events",
            ] + tags.flatMap { ["--include-tag", $0] }, atMost: .seconds(900))
        #expect(result.status == 0, "\(result.output.suffix(20_000)) \(result.errors.suffix(2000))")
        #expect(try await HTTPTestClient(server.baseURL).get("/health/").status == 200)
        await server.stop()
    }
}
