import Codecs
import Foundation
import MediaPipeline
import NIOCore
import NIOPosix
import ObjectStorage

/// Puts rendered bytes into the object store and takes a media item's objects out of it.
struct RenditionStore: Sendable {
    let objects: any ObjectStore

    /// All at once: their commits share one fsync where the store can.
    func store(_ renditions: [Rendition], of id: MediaID) async throws -> [RenditionRecord] {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for rendition in renditions { group.addTask { try await store(rendition, of: id) } }
            try await group.waitForAll()
        }
        return renditions.map { RenditionRecord(preset: $0.preset, format: $0.format, pixelSize: $0.size, size: $0.bytes.count) }
    }

    private func store(_ rendition: Rendition, of id: MediaID) async throws {
        let writer = try await objects.stage()
        let blob: any StagedBlob
        do {
            try await writer.write(ByteBuffer(bytes: rendition.bytes))
            blob = try await writer.finish()
        } catch {
            await writer.cancel()
            throw error
        }
        do {
            let key = MediaKeys.rendition(id, rendition.preset, rendition.format)
            try await objects.commit(blob, to: key, in: MediaKeys.bucket, contentType: rendition.format.contentType)
        } catch {
            await blob.discard()
            throw error
        }
    }

    private static let chunkBytes = 1 << 20

    /// A file that something else wrote.
    /// - Returns: its bytes.
    func store(file: String, as key: ObjectKey, contentType: String) async throws -> Int {
        let writer = try await objects.stage()
        let blob: any StagedBlob
        do {
            let source = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
            defer { try? source.close() }
            while let chunk = try await NIOThreadPool.singleton.runIfActive({ try source.read(upToCount: Self.chunkBytes) }), !chunk.isEmpty
            {
                try await writer.write(ByteBuffer(bytes: chunk))
            }
            blob = try await writer.finish()
        } catch {
            await writer.cancel()
            throw error
        }
        do {
            try await objects.commit(blob, to: key, in: MediaKeys.bucket, contentType: contentType)
        } catch {
            await blob.discard()
            throw error
        }
        return blob.size
    }

    /// Deletes every object of an item. Harmless a second time.
    func removeAll(of id: MediaID) async throws {
        while true {
            let page = try await objects.list(MediaKeys.bucket, prefix: MediaKeys.prefix(id), after: nil, limit: 1000)
            if page.isEmpty { return }
            try await objects.delete(page.map(\.key), in: MediaKeys.bucket)
        }
    }
}
