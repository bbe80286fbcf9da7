import Crypto
import NIOCore
import S3Wire
import Testing

@Suite("MD5") struct MD5Tests {
    private static func bytes(_ count: Int, seed: Int = 0) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 2_654_435_761 >> 7) }
    }

    private static func expected(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.MD5.hash(data: bytes)) }

    @Test("every length gives what another implementation gives")
    func lengths() {
        for count in Array(0...200) + [1000, 4095, 4096, 4097, 100_000] {
            let bytes = Self.bytes(count)
            var digest = MD5Digest()
            digest.update(ByteBuffer(bytes: bytes))
            #expect(digest.finalize() == Self.expected(bytes), "\(count)")
        }
    }

    @Test("bytes in pieces have the same digest", arguments: [1, 3, 63, 64, 65, 1000])
    func pieces(size: Int) {
        let bytes = Self.bytes(5000)
        var digest = MD5Digest()
        for start in stride(from: 0, to: bytes.count, by: size) {
            digest.update(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + size)]))
        }
        #expect(digest.finalize() == Self.expected(bytes))
        #expect(digest.finalize() == Self.expected(bytes), "asking changes nothing")
    }

    /// Of different lengths, in pieces that end within blocks, so that lanes begin, end and stay behind at all times.
    @Test("many beside each other have each its own digest", arguments: [1, 2, 5, 16, 40])
    func lanes(streams: Int) async {
        await withTaskGroup(of: (Int, [UInt8]).self) { group in
            for stream in 0..<streams {
                group.addTask {
                    let bytes = Self.bytes(200_000 + stream * 37_113, seed: stream)
                    var digest = MD5Digest()
                    let size = 40_000 + stream * 1_237
                    for start in stride(from: 0, to: bytes.count, by: size) {
                        await digest.update(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + size)]), in: .shared)
                    }
                    return (stream, digest.finalize())
                }
            }
            for await (stream, digest) in group {
                #expect(digest == Self.expected(Self.bytes(200_000 + stream * 37_113, seed: stream)), "stream \(stream)")
            }
        }
    }
}
