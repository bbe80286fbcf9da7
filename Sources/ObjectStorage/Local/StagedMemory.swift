import Crypto
import Foundation
import NIOCore
import S3Wire
import Synchronization

/// Bytes that all staged blobs in memory may take together.
final class StagingMemory: Sendable {
    private let left: Mutex<Int>

    init(bytes: Int) { left = Mutex(bytes) }

    func take(_ bytes: Int) -> Bool {
        left.withLock { left in
            guard left >= bytes else { return false }
            left -= bytes
            return true
        }
    }

    func giveBack(_ bytes: Int) { left.withLock { $0 += bytes } }
}

/// A complete blob in memory, to go into a pack.
final class StagedMemory: StagedBlob {
    let size: Int
    let sha256: String
    let digest: [UInt8]
    var localPath: String { "" }
    private let memory: StagingMemory
    private let bytes: Mutex<[ByteBuffer]>

    init(size: Int, digest: [UInt8], bytes: [ByteBuffer], memory: StagingMemory) {
        self.size = size
        self.digest = digest
        sha256 = Hexadecimal.text(digest)
        self.bytes = Mutex(bytes)
        self.memory = memory
    }

    deinit { letGo() }

    var buffers: [ByteBuffer] { bytes.withLock { $0 } }

    func discard() async { letGo() }

    private func letGo() {
        let had = bytes.withLock { bytes in
            defer { bytes = [] }
            return !bytes.isEmpty
        }
        if had { memory.giveBack(size) }
    }
}

/// Takes bytes into memory, and goes on in a file when they become too many or memory is short. Used by one task at a time.
final class StagedMemoryWriter: BlobWriter {
    private struct State {
        var bytes: [ByteBuffer] = []
        var size = 0
        var hash = SHA256()
        var file: StagedFileWriter?
        var hasEnded = false
    }

    private let limit: Int
    private let memory: StagingMemory
    private let files: BlobFiles
    private let state = Mutex(State())

    /// - Parameter limit: bytes that stay in memory.
    init(limit: Int, memory: StagingMemory, files: BlobFiles) {
        self.limit = limit
        self.memory = memory
        self.files = files
    }

    deinit {
        state.withLock { state in
            if !state.bytes.isEmpty { memory.giveBack(state.size) }
        }
    }

    func write(_ bytes: ByteBuffer) async throws {
        guard bytes.readableBytes > 0 else { return }
        enum Next {
            case done, spill
            case file(StagedFileWriter)
        }
        let next = try state.withLock { state -> Next in
            if let file = state.file { return .file(file) }
            guard !state.hasEnded else { throw ObjectStoreError.failed("the writer has ended") }
            guard state.size + bytes.readableBytes <= limit, memory.take(bytes.readableBytes) else { return .spill }
            state.size += bytes.readableBytes
            bytes.withUnsafeReadableBytes { state.hash.update(bufferPointer: $0) }
            // A few bytes must not keep a large buffer.
            let isLoose = bytes.storageCapacity > 2 * bytes.readableBytes + 4096
            state.bytes.append(isLoose ? ByteBuffer(bytes.readableBytesView) : bytes)
            return .done
        }
        switch next {
        case .done: return
        case .file(let file): try await file.write(bytes)
        case .spill:
            let file = try await files.stage(size: nil)
            let begun = takeBytes()
            for bytes in begun { try await file.write(bytes) }
            state.withLock { $0.file = file }
            try await file.write(bytes)
        }
    }

    private func takeBytes() -> [ByteBuffer] {
        state.withLock { state in
            let bytes = state.bytes
            if !bytes.isEmpty { memory.giveBack(state.size) }
            state.bytes = []
            state.size = 0
            return bytes
        }
    }

    func finish() async throws -> any StagedBlob {
        enum Next {
            case file(StagedFileWriter)
            case blob(StagedMemory)
        }
        let next = try state.withLock { state -> Next in
            if let file = state.file { return .file(file) }
            guard !state.hasEnded else { throw ObjectStoreError.failed("the writer has ended") }
            state.hasEnded = true
            let blob = StagedMemory(size: state.size, digest: Array(state.hash.finalize()), bytes: state.bytes, memory: memory)
            state.bytes = []
            return .blob(blob)
        }
        switch next {
        case .file(let file): return try await file.finish()
        case .blob(let blob): return blob
        }
    }

    func cancel() async {
        let file = state.withLock { state in
            state.hasEnded = true
            return state.file
        }
        _ = takeBytes()
        await file?.cancel()
    }
}
