import CChecksum
import NIOCore
import S3Wire
import Testing

@Suite("Checksums") struct ChecksumTests {
    private static func checksum(_ algorithm: ChecksumAlgorithm, _ bytes: some Collection<UInt8>) -> String {
        var checksummer = Checksummer(algorithm)
        checksummer.update(ByteBuffer(bytes: bytes))
        return checksummer.finalize()
    }

    @Test(
        "the check values of \"123456789\" are right",
        arguments: [
            (ChecksumAlgorithm.crc32, "y/Q5Jg=="), (.crc32c, "4waSgw=="), (.crc64nvme, "rosUhgp5mIg="),
            (.sha1, "98O8HYCOBHMq32eZZczDTKeuNEE="),
            (.sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        ])
    func checkValues(algorithm: ChecksumAlgorithm, value: String) {
        #expect(Self.checksum(algorithm, "123456789".utf8) == value)
        #expect(algorithm.isValid(value))
        #expect(!algorithm.isValid(value + "AAAA"))
        #expect(!algorithm.isValid("sailorjerry"))
    }

    @Test("the same bytes in pieces have the same checksum", arguments: ChecksumAlgorithm.allCases)
    func pieces(algorithm: ChecksumAlgorithm) {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 3) }
        for size in [1, 3, 15, 16, 63, 64, 65, 1000, 4096] {
            var checksummer = Checksummer(algorithm)
            for start in stride(from: 0, to: bytes.count, by: size) {
                checksummer.update(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + size)]))
            }
            #expect(checksummer.finalize() == Self.checksum(algorithm, bytes))
        }
    }

    @Test("a copy goes on by itself", arguments: ChecksumAlgorithm.allCases)
    func copies(algorithm: ChecksumAlgorithm) {
        var one = Checksummer(algorithm)
        one.update(ByteBuffer(string: "abc"))
        var other = one
        other.update(ByteBuffer(string: "x"))
        one.update(ByteBuffer(string: "def"))
        #expect(one.finalize() == Self.checksum(algorithm, "abcdef".utf8))
        #expect(other.finalize() == Self.checksum(algorithm, "abcx".utf8))
    }

    /// Bit by bit, as the definition has it.
    private static func slow(_ bytes: ArraySlice<UInt8>, polynomial: UInt64, ones: UInt64) -> UInt64 {
        bytes.reduce(ones) { crc, byte in
            (0..<8).reduce(crc ^ UInt64(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
        } ^ ones
    }

    @Test("every length and alignment gives what the definition gives")
    func definition() {
        let bytes = (0..<700).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7) }
        for count in Array(0...200) + [255, 256, 257, 511, 512, 513, 640] {
            let slice = bytes[count % 17..<count % 17 + count]
            slice.withUnsafeBytes { raw in
                #expect(UInt64(cchecksum_crc32(0, raw.baseAddress, count)) == Self.slow(slice, polynomial: 0xEDB8_8320, ones: 0xFFFF_FFFF))
                #expect(UInt64(cchecksum_crc32c(0, raw.baseAddress, count)) == Self.slow(slice, polynomial: 0x82F6_3B78, ones: 0xFFFF_FFFF))
                #expect(cchecksum_crc64nvme(0, raw.baseAddress, count) == Self.slow(slice, polynomial: 0x9A6C_9329_AC4B_C9B5, ones: .max))
            }
        }
    }

    @Test("the checksum of a whole is told from those of its parts", arguments: [ChecksumAlgorithm.crc32, .crc32c, .crc64nvme])
    func combined(algorithm: ChecksumAlgorithm) {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        let cuts = [0, 1, 1, 70_000, 70_001, 99_999, 100_000]
        let parts = zip(cuts, cuts.dropFirst()).map { (value: Self.checksum(algorithm, bytes[$0..<$1]), size: $1 - $0) }
        #expect(algorithm.combineFullObject(parts) == Self.checksum(algorithm, bytes))
        #expect(algorithm.combineFullObject([]) == Self.checksum(algorithm, []))
        #expect(algorithm.combineFullObject([(value: "AAA=", size: 1)]) == nil)
    }

    @Test("a composite checksum is that of the parts' checksums, and their number")
    func composite() {
        let values = ["abc", "def"].map { Self.checksum(.sha256, $0.utf8) }
        // SHA-256 of both digests, by another program.
        #expect(ChecksumAlgorithm.sha256.composite(of: values) == "nATTAFe3VK8bLS1PVnV4LdYaWmWcNO5sKvR1JrZsr6Y=-2")
        #expect(ChecksumAlgorithm.crc64nvme.composite(of: []) == nil)
        #expect(ChecksumAlgorithm.sha1.composite(of: ["x"]) == nil)
        #expect(ChecksumAlgorithm.sha1.combineFullObject([]) == nil)
    }

    @Test("names are read in either case")
    func names() {
        #expect(ChecksumAlgorithm(name: "crc64nvme") == .crc64nvme)
        #expect(ChecksumAlgorithm(name: "MD5") == nil)
        #expect(ChecksumAlgorithm.crc32c.headerName.canonicalName == "x-amz-checksum-crc32c")
    }
}

@Suite("Base64") struct Base64Tests {
    @Test(
        "the examples of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func examples(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test("what is none is not read", arguments: ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "====", "Zm9v=", "Zm 9v", "Zm9-", "Zg==Zg==", "=Zg="])
    func wrong(text: String) { #expect(Base64.decode(text) == nil) }
}
