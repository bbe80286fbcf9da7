import Testing

/// Requests as no client should send them, and clients that race.
@Suite struct BadInputTests {
    @Test func everyRequestThatIsWrongIsRefusedAndStoresNothing() async throws {
        #expect(try await ClientScript.run("bad_input.py").contains("checks hold"))
        let shared = try await SharedS3.running
        #expect(!shared.server.log.isEmpty)
        for key in [shared.own, shared.other, shared.server.s3RootKey] {
            #expect(!key.secret.isEmpty && !shared.server.log.contains(key.secret), "secrets are not logged")
        }
    }
}
