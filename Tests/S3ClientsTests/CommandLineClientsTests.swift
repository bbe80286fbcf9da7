import Foundation
import Testing

/// Programs that people keep their files in S3 with.
@Suite struct CommandLineClientsTests {
    @Test func awsSyncsAThousandFilesThereAndBack() async throws {
        #expect(try await ClientScript.run("awscli_sync.sh").hasSuffix("done\n"))
    }

    /// The newer one of PyPI, whose checksums come by default.
    @Test func awsCopiesALargeFileByParts() async throws {
        #expect(try await ClientScript.run("awscli_multipart.sh", prefersPython: true).hasSuffix("done\n"))
    }

    @Test func s3cmdDoesWhatItsManualSays() async throws {
        #expect(try await ClientScript.run("s3cmd.sh").hasSuffix("done\n"))
    }

    @Test func rcloneSyncsAndFindsBothSidesEqual() async throws {
        #expect(try await ClientScript.run("rclone.sh").hasSuffix("done\n"))
    }

    @Test func resticBacksUpChecksAndRestores() async throws {
        #expect(try await ClientScript.run("restic.sh").hasSuffix("done\n"))
    }

    /// Where the kernel offers FUSE, which containers often do not.
    @Test(.enabled(if: FileManager.default.isWritableFile(atPath: "/dev/fuse"), "there is no /dev/fuse"))
    func s3fsShowsABucketAsAFolder() async throws {
        #expect(try await ClientScript.run("s3fs.sh").hasSuffix("done\n"))
    }
}
