import Crypto
import Foundation
import HTTPTypes
import Logging
import NIOCore
import Persistence
import S3Wire

/// Blobs on an S3 endpoint (MinIO, SeaweedFS, Supabase Storage, AWS), each an object named by its SHA-256. Uploads are collected in files
/// on this machine first: the name is not known before the last byte.
///
/// Which store a bucket and prefix belong to is written down on both sides: with another one's index, the look for blobs that no row
/// names would delete all of its blobs.
public final class UpstreamBlobStore: BlobStore {
    private let files: BlobFiles
    private let folder: String
    private let client: UpstreamClient
    private let backoff: Backoff
    private let logger: Logger
    private let lock: FolderLock

    /// Bytes of a blob that is fetched whole when it is opened: as many requests as for a look whether it is there.
    private static let smallBlob = 256 * 1024
    private static let identityKey = "agrovet-store"

    /// - Parameters:
    ///   - folder: what is known of the endpoint on this machine; one process at a time may have it.
    ///   - temporaryFolder: unfinished uploads.
    public init(_ configuration: UpstreamConfiguration, folder: String, temporaryFolder: String, logger: Logger) throws {
        lock = try FolderLock(folder: folder)
        files = try BlobFiles(folder: folder, temporaryFolder: temporaryFolder)
        self.folder = folder
        self.logger = logger
        client = try UpstreamClient(configuration)
        backoff = Backoff(retries: configuration.retries)
    }

    /// Makes sure that the endpoint answers and that bucket and prefix are this store's. To be called first.
    /// - Throws: `ObjectStoreError` with a sentence that an administrator understands.
    public func connect() async throws {
        let (path, claim) = (folder + "/upstream-store", folder + "/upstream-claim")
        let own = Self.name(at: path)
        var holder = try await Self.holder(client, backoff)
        if own == nil, holder == nil {
            // Written down here first, so that a crash between the two steps is no riddle at the next start.
            let name = Self.name(at: claim) ?? UUID().uuidString.lowercased()
            try Data(name.utf8).write(to: URL(fileURLWithPath: claim), options: .atomic)
            try FolderSync.synchronize(folder)
            _ = try await backoff.run("writing to \(client.configuration)") {
                try await client.send("PUT", Self.identityKey, headers: [.contentType: "text/plain"], body: .bytes(Array(name.utf8)))
            }
            holder = try await Self.holder(client, backoff)
        }
        if own == nil, let claimed = Self.name(at: claim), claimed == holder {
            guard rename(claim, path) == 0 else { throw ObjectStoreError(errno: errno, "writing down the upstream store") }
            try FolderSync.synchronize(folder)
            return
        }
        try Self.compare(holder, own, client.configuration, path)
    }

    /// Whether the endpoint answers, and holds this store's blobs or nobody's. Nothing is written, here or there.
    /// - Parameter folder: that a store would be made with; it need not be there.
    /// - Throws: as `connect` does.
    public static func look(_ configuration: UpstreamConfiguration, folder: String) async throws {
        let client = try UpstreamClient(configuration)
        do {
            let holder = try await holder(client, Backoff(retries: configuration.retries))
            let path = folder + "/upstream-store"
            let own = name(at: path) ?? name(at: folder + "/upstream-claim")
            if own != nil || holder != nil { try compare(holder, own, configuration, path) }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    private static func compare(_ holder: String?, _ own: String?, _ configuration: UpstreamConfiguration, _ path: String) throws {
        if let holder, holder != own {
            throw ObjectStoreError.failed(
                "\(configuration) holds the blobs of another store, \(holder.prefix(64)). Choose another upstream-prefix; or, where this "
                    + "index is that store's, write this name to \(path).")
        }
        if holder == nil {
            throw ObjectStoreError.failed(
                "\(configuration) does not hold this store's blobs. Name the bucket and prefix that do, or remove \(path) to begin anew.")
        }
    }

    /// Whose blobs the endpoint says that it holds.
    private static func holder(_ client: UpstreamClient, _ backoff: Backoff) async throws -> String? {
        let answer = try await backoff.run("asking \(client.configuration)") {
            try await client.send("GET", identityKey, accepting: [404])
        }
        guard answer.status == 404 else { return String(buffer: answer.body).trimmingCharacters(in: .whitespacesAndNewlines) }
        if let error = try? XMLElement(parsing: answer.body), error["Code"]?.text == "NoSuchBucket" {
            throw ObjectStoreError.failed("there is no bucket \(client.configuration.bucket) on the S3 endpoint; make it first")
        }
        return nil
    }

    private static func name(at path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    public func close() async { await client.close() }

    /// Whether the endpoint answers, at once or not at all; for health.
    public func ping() async throws {
        do { _ = try await client.send("HEAD", Self.identityKey) } catch let failure as UpstreamFailure {
            throw failure.error("asking \(client.configuration)")
        }
    }

    // MARK: Storing

    public func stage(size: Int?) async throws -> any BlobWriter { try await files.stage(size: size) }

    public func stageFile() async throws -> any BlobWriter { try await files.stage(size: nil) }

    public func stage(file path: String) async throws -> any StagedBlob { try await files.stage(file: path) }

    public func publish(_ blob: any StagedBlob) async throws -> BlobSegment {
        guard let file = try FileDescriptor.open(blob.localPath), file.size == blob.size else {
            throw ObjectStoreError.corrupt("the file of an upload has gone or changed")
        }
        try await UpstreamUpload(
            client: client, backoff: backoff, key: Self.key(blob.sha256), file: file, size: blob.size, sha256: blob.sha256
        ).run()
        await blob.discard()
        return BlobSegment(size: blob.size, sha256: blob.sha256)
    }

    // MARK: Reading

    public func open(_ segment: BlobSegment) async throws -> (any BlobReader)? {
        guard segment.place == nil else {
            throw ObjectStoreError.failed("blob \(segment.sha256) lies in a pack on this machine, and object-store is s3")
        }
        let key = Self.key(segment.sha256)
        let isSmall = segment.size <= Self.smallBlob
        let answer = try await backoff.run("opening \(key) upstream") {
            try await client.send(isSmall ? "GET" : "HEAD", key, accepting: [404])
        }
        guard answer.status != 404 else { return nil }
        let size = isSmall ? answer.body.readableBytes : answer.headers.first(name: "Content-Length").flatMap { Int($0) }
        guard size == segment.size, !isSmall || Hexadecimal.text(SHA256.hash(data: Array(answer.body.readableBytesView))) == segment.sha256
        else {
            throw ObjectStoreError.corrupt("blob \(segment.sha256) has other bytes upstream")
        }
        return UpstreamBlobReader(
            size: segment.size, sha256: segment.sha256, key: key, client: client, backoff: backoff, known: isSmall ? answer.body : nil)
    }

    // MARK: Upkeep

    public func remove(_ sha256: String) async throws { try await delete(Self.key(sha256)) }

    private func delete(_ key: String) async throws {
        _ = try await backoff.run("removing \(key) upstream") { try await client.send("DELETE", key, accepting: [404]) }
    }

    public func names(prefix: String) async throws -> [String] {
        var names: [String] = []
        try await list("list-type=2&prefix=\(encoded("blobs/\(prefix)/"))", next: "NextContinuationToken", as: "continuation-token") {
            page in
            for object in page.all("Contents") {
                let name = object["Key"]?.text.split(separator: "/").last ?? ""
                if name.utf8.count == 64 { names.append(String(name)) }
            }
        }
        return names
    }

    /// Files here, and uploads in parts there that nobody will complete.
    public func sweepTemporary() async throws -> Int {
        var count = try await files.sweepTemporary()
        var uploads: [(key: String, id: String)] = []
        do {
            try await list("uploads=&prefix=\(encoded("blobs/"))", next: "NextUploadIdMarker", as: "upload-id-marker") { page in
                for upload in page.all("Upload") { uploads.append((upload["Key"]?.text ?? "", upload["UploadId"]?.text ?? "")) }
            }
        } catch ObjectStoreError.failed(let reason) {
            // Not every endpoint lists them; they cost room and nothing else.
            logger.warning("unfinished uploads upstream are not listed", metadata: ["error": "\(reason)"])
        }
        for upload in uploads where upload.key.hasPrefix(client.configuration.prefix) {
            let key = String(upload.key.dropFirst(client.configuration.prefix.count))
            _ = try await backoff.run("ending an upload of \(key) upstream") {
                try await client.send("DELETE", key, query: "uploadId=\(S3Signer.encode(query: upload.id))", accepting: [404])
            }
            count += 1
        }
        return count
    }

    public func takeCleanMark() async throws -> Bool { try await files.takeCleanMark() }

    public func leaveCleanMark() async throws { try await files.leaveCleanMark() }

    public func quarantine(_ sha256: String) async throws {
        let (bucket, prefix) = (client.configuration.bucket, client.configuration.prefix)
        let source = HTTPField(name: Self.copySource, value: "/\(bucket)/\(prefix)\(Self.key(sha256))")
        let answer = try await backoff.run("setting blob \(sha256) aside upstream") {
            let answer = try await client.send("PUT", "quarantine/\(sha256)", headers: HTTPFields([source]), accepting: [404])
            if let error = try? XMLElement(parsing: answer.body), error.name == "Error", answer.status != 404 {
                throw UpstreamClient.failure(500, error)
            }
            return answer
        }
        if answer.status != 404 { try await remove(sha256) }
    }

    private static let copySource = HTTPField.Name("x-amz-copy-source")!

    private static func key(_ sha256: String) -> String { "blobs/\(sha256.prefix(2))/\(sha256)" }

    private func encoded(_ key: String) -> String { S3Signer.encode(query: client.configuration.prefix + key) }

    /// Page after page.
    /// - Parameters:
    ///   - next: the element that tells where the next page begins.
    ///   - item: of the query, that takes it.
    private func list(_ query: String, next: String, as item: String, _ take: (XMLElement) -> Void) async throws {
        var page = query
        while true {
            let document = try await backoff.run("listing \(client.configuration)") {
                let answer = try await client.send("GET", nil, query: page)
                guard let document = try? XMLElement(parsing: answer.body) else { throw UpstreamFailure.transport("its list is no XML") }
                return document
            }
            take(document)
            guard document["IsTruncated"]?.text == "true", let marker = document[next]?.text, !marker.isEmpty else { return }
            page = "\(query)&\(item)=\(S3Signer.encode(query: marker))"
            if let key = document["NextKeyMarker"]?.text { page += "&key-marker=\(S3Signer.encode(query: key))" }
        }
    }
}
