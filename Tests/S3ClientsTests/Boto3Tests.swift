import Testing

/// boto3, AWS's SDK for Python.
@Suite struct Boto3Tests {
    @Test(arguments: ["objects", "multipart", "versions", "access", "trailers"])
    func whatItsUsersDoWorks(_ area: String) async throws {
        #expect(try await ClientScript.run("boto3_\(area).py").contains("checks hold"))
    }
}
