import Testing

/// Libraries that programs keep their files in S3 with.
@Suite struct LibraryClientsTests {
    @Test func miniosSDK() async throws {
        #expect(try await ClientScript.run("minio_sdk.py").contains("7 of 7 checks hold"))
    }

    @Test func aDjangoSiteKeepsUploadsAndStaticFiles() async throws {
        #expect(try await ClientScript.run("django.sh", prefersPython: true).hasSuffix("done\n"))
    }
}
