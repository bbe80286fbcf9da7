import Testing

/// Requests as no client should send them, and clients that race.
@Suite struct BadInputTests {
    @Test func everyRequestThatIsWrongIsRefusedAndStoresNothing() async throws {
        #expect(try await ClientScript.run("bad_input.py").contains("checks hold"))
        let log = try await SharedS3.running.server.log
        #expect(!log.contains(#""level":"critical""#))
        #expect(try await SharedS3.running.server.s3RootKey.secret.isEmpty == false)
        #expect(try await !log.contains(SharedS3.running.server.s3RootKey.secret), "secrets are not logged")
    }
}
