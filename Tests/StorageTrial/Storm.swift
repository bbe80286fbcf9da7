import Foundation
import NIOCore
import ObjectStorage

/// Puts, completes uploads and deletes until it is killed, and says on standard output what is durable, a line each. Every object's bytes
/// follow from the number that stands in front of them, so that whoever reads one knows whether it is whole.
///
///     put KEY NUMBER      the key has the object of that number, or of one that was begun later
///     begin KEY NUMBER    something of that number is on its way
///     gone KEY            the key was deleted
struct Storm {
    let store: VersionedObjectStore
    let seed: Int

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<16 { group.addTask { try await self.rage(task) } }
            try await group.waitForAll()
        }
    }

    private func rage(_ task: Int) async throws {
        var number = (seed * 100 + task) << 24
        while true {
            number += 1
            let key = "\(task)/\(number % 7)"
            say("begin \(key) \(number)")
            switch number % 5 {
            case 0:
                _ = try await store.delete([.init(key: ObjectKey(key)!, versionID: nil, owner: "ana")], in: Trial.bucket)
                say("gone \(key)")
            case 1:
                let upload = try await store.createUpload(
                    ObjectKey(key)!, in: Trial.bucket, contentType: "", attributes: Trial.attributes)
                let bytes = StormBytes.of(number)
                let middle = bytes.readableBytes / 2
                for (part, slice) in [
                    bytes.getSlice(at: 0, length: middle)!, bytes.getSlice(at: middle, length: bytes.readableBytes - middle)!,
                ]
                .enumerated() {
                    let writer = try await store.stage(size: slice.readableBytes)
                    try await writer.write(slice)
                    try await store.putPart(
                        .staged(try await writer.finish()), ObjectPart(number: part + 1, size: slice.readableBytes, etag: "", modified: 0),
                        of: upload)
                }
                _ = try await store.complete(upload, parts: [1, 2], finish: { _ in ("", Trial.attributes) })
                say("put \(key) \(number)")
            default:
                _ = try await Trial.put(store, key, StormBytes.of(number))
                say("put \(key) \(number)")
            }
        }
    }

    private func say(_ line: String) {
        // One system call a line, so that a kill cuts none.
        let line = Array((line + "\n").utf8)
        _ = line.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
