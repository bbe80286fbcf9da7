import Codecs
import NIOCore
import ObjectStorage
import WebAPI

/// One file of an upload: complete and durable, but not yet an object.
struct ReceivedFile: Sendable {
    let blob: any StagedBlob
    /// As the client named it, without folders and control characters.
    let filename: String
    let info: ImageInfo

    /// Takes bytes that are one file and nothing else.
    /// - Parameters:
    ///   - limit: bytes; beyond it `tooLarge` is thrown.
    /// - Throws: `APIError` for what is wrong with the file, `ObjectStoreError`, what the body throws; nothing that was
    ///   received is left behind then.
    static func receive<Body: AsyncSequence & Sendable>(
        _ body: Body, named filename: String, limit: Int, tooLarge: APIError, core: MediaCore
    ) async throws -> ReceivedFile where Body.Element == ByteBuffer {
        let writer = try await core.objects.stage()
        let blob: any StagedBlob
        do {
            var size = 0
            for try await bytes in body {
                size += bytes.readableBytes
                guard size <= limit else { throw tooLarge }
                try await writer.write(bytes)
            }
            blob = try await writer.finish()
        } catch {
            await writer.cancel()
            throw error
        }
        do {
            return ReceivedFile(blob: blob, filename: filename, info: try await core.probe(blob, named: filename))
        } catch {
            await blob.discard()
            throw error
        }
    }
}
