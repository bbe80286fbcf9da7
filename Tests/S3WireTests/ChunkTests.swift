import Crypto
import HTTPTypes
import NIOCore
import S3Wire
import Testing

@Suite("Bodies in chunks") struct ChunkTests {
    private static let checksum = HTTPField.Name("x-amz-checksum-crc32c")!

    // MARK: The documented examples: 66,560 times `a` in chunks of 64 KiB

    private static let signatures = [
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ]
    private static let trailerSignatures = [
        "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
        "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
    ]

    private static func body(_ signatures: [String], end: String = "\r\n") -> String {
        "10000;chunk-signature=\(signatures[0])\r\n" + String(repeating: "a", count: 65_536)
            + "\r\n400;chunk-signature=\(signatures[1])\r\n" + String(repeating: "a", count: 1024)
            + "\r\n0;chunk-signature=\(signatures[2])\r\n" + end
    }

    private static let signedTrailer =
        "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"

    /// The request of the examples, verified by its documented seed.
    private static func seed(trailer: Bool) throws -> ChunkSigning {
        var headers = [
            ("Content-Encoding", "aws-chunked"), ("x-amz-decoded-content-length", "66560"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ]
        headers.append(trailer ? ("x-amz-trailer", "x-amz-checksum-crc32c") : ("Content-Length", "66824"))
        let request = DocumentedExample.signed(
            DocumentedExample.request("PUT", "/examplebucket/chunkObject.txt", host: "s3.amazonaws.com", headers),
            payload: .streaming(signed: true, trailer: trailer))
        let signature =
            trailer
            ? "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
            : "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
        #expect(request.headers[.authorization]?.hasSuffix(signature) == true)
        return try #require(try DocumentedExample.verify(request))
    }

    /// What comes of a body that arrives in pieces of a size.
    private static func decode(
        _ body: String, mode: PayloadMode, signing: ChunkSigning?, length: Int?, trailers: [HTTPField.Name] = [], pieces: Int = .max
    ) throws(S3Error) -> (payload: String, trailers: HTTPFields) {
        var decoder = try ChunkedBodyDecoder(mode: mode, signing: signing, decodedLength: length, trailerNames: trailers)
        var rest = ByteBuffer(string: body)
        var payload = ByteBuffer()
        while rest.readableBytes > 0 {
            var piece = rest.readSlice(length: min(pieces, rest.readableBytes))!
            while var data = try decoder.decode(&piece) { payload.writeBuffer(&data) }
        }
        let trailers = try decoder.finish()
        return (String(buffer: payload), trailers)
    }

    private static func documented(_ body: String, length: Int? = 66_560, pieces: Int = .max) throws(S3Error) -> String {
        guard let signing = try? seed(trailer: false) else { throw .internalError }
        return try decode(body, mode: .streaming(signed: true, trailer: false), signing: signing, length: length, pieces: pieces).payload
    }

    private static func documentedTrailer(_ body: String) throws(S3Error) -> HTTPFields {
        guard let signing = try? seed(trailer: true) else { throw .internalError }
        return try decode(
            body, mode: .streaming(signed: true, trailer: true), signing: signing, length: 66_560, trailers: [checksum]
        ).trailers
    }

    @Test("the documented example is accepted, however it is cut", arguments: [1, 2, 3, 85, 86, 87, 1000, 65_536, .max])
    func documented(pieces: Int) throws {
        let payload = try Self.documented(Self.body(Self.signatures), pieces: pieces)
        #expect(payload == String(repeating: "a", count: 66_560))
    }

    @Test("the documented example with a trailer is accepted, and its checksum is right")
    func documentedTrailer() throws {
        let trailers = try Self.documentedTrailer(Self.body(Self.trailerSignatures, end: Self.signedTrailer))
        var checksummer = Checksummer(.crc32c)
        checksummer.update(ByteBuffer(repeating: UInt8(ascii: "a"), count: 66_560))
        #expect(trailers[Self.checksum] == checksummer.finalize())
    }

    @Test("chunks are signed as documented")
    func signing() throws {
        var signing = try Self.seed(trailer: true)
        let chunks = [65_536, 1024, 0].map { SHA256.hash(data: [UInt8](repeating: UInt8(ascii: "a"), count: $0)) }
        #expect(chunks.map { signing.signChunk($0) } == Self.trailerSignatures)
        let trailer = SHA256.hash(data: Array("x-amz-checksum-crc32c:sOO8/Q==\n".utf8))
        #expect(signing.signTrailer(trailer) == "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435")
    }

    // MARK: Attacks

    private static let good = body(signatures)

    @Test("a chunk that is altered, replayed, reordered, left out or moved to another request is refused")
    func attacks() {
        let first = "10000;chunk-signature=\(Self.signatures[0])\r\n" + String(repeating: "a", count: 65_536) + "\r\n"
        let second = "400;chunk-signature=\(Self.signatures[1])\r\n" + String(repeating: "a", count: 1024) + "\r\n"
        let last = "0;chunk-signature=\(Self.signatures[2])\r\n\r\n"
        let bodies = [
            Self.good.replacing("aaaaa\r\n400", with: "aaaab\r\n400"), first + first + second + last, second + first + last,
            first + last, second + last, first + second + second + last,
            first.replacing(Self.signatures[0], with: Self.signatures[1]) + second + last,
            Self.body(Self.trailerSignatures),
        ]
        for body in bodies {
            let error = thrown { () throws(S3Error) in _ = try Self.documented(body, length: nil) }
            #expect(error == .signatureDoesNotMatch)
        }
    }

    @Test("a body that breaks off is incomplete, wherever it does")
    func truncated() {
        for count in [0, 1, 50, 84, 85, 86, 1000, 65_621, 65_622, 65_623, 65_700, 66_730, 66_732, 66_733, 66_735, 66_800] {
            let error = thrown { () throws(S3Error) in _ = try Self.documented(String(Self.good.utf8.prefix(count))!) }
            #expect(error == .incompleteBody, "\(count) bytes")
        }
    }

    @Test("a length other than what was told is refused", arguments: [0, 66_559, 66_561, 1 << 40])
    func lengths(length: Int) {
        #expect(thrown { () throws(S3Error) in _ = try Self.documented(Self.good, length: length) } == .incompleteBody)
    }

    @Test(
        "what is no chunk is refused",
        arguments: [
            "\r\n", "x\r\n", "-1;chunk-signature=\(signatures[0])\r\n", "10000\r\n", ";chunk-signature=\(signatures[0])\r\n",
            "10000;chunk-signature=abc\r\n", "10000;other=\(signatures[0])\r\n", "ffffffffffffffff;chunk-signature=\(signatures[0])\r\n",
            "7fffffffffffffff;chunk-signature=\(signatures[0])\r\n", "10000;chunk-signature=\(signatures[0]);x=y\r\n",
            String(repeating: "0", count: 300), "10000;" + String(repeating: "x", count: 300) + "\r\n",
            "3;chunk-signature=\(signatures[0])\r\nabcdef\r\n", "3;chunk-signature=\(signatures[0])\r\nabcX\n",
        ])
    func malformed(body: String) {
        #expect(thrown { () throws(S3Error) in _ = try Self.documented(body, length: nil) } == .invalidRequest)
    }

    @Test("what follows the end is refused")
    func behind() {
        #expect(thrown { () throws(S3Error) in _ = try Self.documented(Self.good + "400") } == .invalidRequest)
    }

    @Test("a signed trailer that is altered, unsigned or not announced is refused")
    func trailerAttacks() {
        let body = { Self.body(Self.trailerSignatures, end: $0) }
        for (end, error) in [
            (Self.signedTrailer.replacing("sOO8/Q==", with: "sOO8/A=="), S3Error.signatureDoesNotMatch),
            (Self.signedTrailer.replacing("d81f", with: "d82f"), .signatureDoesNotMatch),
            ("x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n", .signatureDoesNotMatch),
            ("x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n", .malformedTrailer), ("", .malformedTrailer),
            ("x-amz-checksum-sha1:sOO8/Q==\r\n" + Self.signedTrailer, .malformedTrailer),
            ("x-amz-checksum-crc32c:sOO8/Q==\r\n" + Self.signedTrailer, .malformedTrailer),
            ("nonsense\r\n" + Self.signedTrailer, .malformedTrailer),
            ("x-amz-checksum-crc32c:" + String(repeating: "x", count: 9000) + "\r\n", .malformedTrailer),
        ] { #expect(thrown { () throws(S3Error) in _ = try Self.documentedTrailer(body(end)) } == error, "\(end)") }
    }

    // MARK: Unsigned chunks

    private static func unsigned(
        _ body: String, length: Int? = 5, names: [HTTPField.Name] = [checksum], pieces: Int = .max
    ) throws(S3Error) -> (payload: String, trailers: HTTPFields) {
        try decode(
            body, mode: .streaming(signed: false, trailer: true), signing: nil, length: length, trailers: names, pieces: pieces)
    }

    @Test(
        "unsigned chunks with a trailer are read, as different clients end them",
        arguments: [
            "3\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32c:AAAAAA==\r\n\r\n", "5\r\nabcde\r\n0\r\nx-amz-checksum-crc32c:AAAAAA==\n\r\n",
            "5\r\nabcde\r\n0\r\nx-amz-checksum-crc32c: AAAAAA==\r\n", "00005\r\nabcde\r\n0\r\nX-Amz-Checksum-CRC32C:AAAAAA==\r\n\r\n\r\n",
        ])
    func unsigned(body: String) throws {
        for pieces in [1, 2, 7, .max] {
            let (payload, trailers) = try Self.unsigned(body, pieces: pieces)
            #expect(payload == "abcde")
            #expect(trailers[Self.checksum] == "AAAAAA==")
        }
    }

    @Test("without a trailer none may be announced")
    func withoutTrailer() throws {
        let body = "5\r\nabcde\r\n0\r\n\r\n"
        #expect(try Self.unsigned(body, names: []).payload == "abcde")
        #expect(thrown { () throws(S3Error) in _ = try Self.unsigned(body) } == .malformedTrailer)
        #expect(thrown { () throws(S3Error) in _ = try Self.unsigned("5\r\nabcde\r\n") } == .incompleteBody)
    }
}
