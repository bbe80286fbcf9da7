import ArgumentParser
import MediaService
import ObjectStorage
import Persistence
import S3Service

/// `agrovet s3 media-bucket`: what is put into the bucket becomes media (docs/MEDIA_BUCKETS.md). Works on the data folder, also while the
/// server runs.
struct MediaBucketCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "media-bucket",
        abstract: "Have pictures and videos that are put into a bucket become media; a running server heeds it at once.")

    enum ItemVisibility: String, ExpressibleByArgument, CaseIterable {
        case `private`
        case `public`
    }

    @Argument(help: "Bucket.")
    var bucket: String
    @Flag(name: .long, help: "No longer. The media that there are stay.")
    var off = false
    @Option(name: .long, help: "Of the media; without it as the setting media-bucket-visibility has it.")
    var visibility: ItemVisibility?
    @Option(name: .long, help: "Whose the media are; without it of the user who stores the object.")
    var owner: String?
    @OptionGroup var options: SettingsOptions

    func validate() throws {
        guard BucketName(bucket) != nil else { throw ValidationError("\(bucket) is no bucket's name") }
        guard bucket != MediaService.bucket else {
            throw ValidationError("the bucket \(bucket) belongs to the media service: what is in it is media already")
        }
        guard !off || visibility == nil && owner == nil else { throw ValidationError("--off takes neither --visibility nor --owner") }
        if let problem = owner.flatMap({ AccessKey.problem(user: $0) }) { throw ValidationError("--owner: \(problem)") }
    }

    func run() async throws {
        let mark = off ? nil : MediaMark(visibility: visibility?.rawValue, owner: owner).text
        do {
            try await Self.write(mark, bucket: BucketName(bucket)!, settings: try options.load())
        } catch ObjectStoreError.noSuchBucket {
            Terminal.complain("agrovet s3: there is no bucket \(bucket); make it first")
            throw ExitCode.failure
        } catch let error as ValidationError {
            throw error
        } catch {
            Terminal.complain("agrovet s3: \(error)")
            throw ExitCode.failure
        }
        print(off ? "\(bucket) is no media bucket." : "\(bucket) is a media bucket: what is put into it from now on becomes media.")
    }

    private static func write(_ mark: String?, bucket: BucketName, settings: Settings) async throws {
        let folder = DataFolder(path: settings[SettingsCatalogue.data])
        try folder.create()
        let index = try Server(settings: settings).openSQLite("objects", folder)
        do {
            try await Migrator.migrate(index, service: "objects", Server.indexMigrations)
            try await VersionedObjectStore.updateBucket(bucket, in: index) { $0.documents[MediaMark.document] = mark }
            await index.close()
        } catch {
            await index.close()
            throw error
        }
    }
}
