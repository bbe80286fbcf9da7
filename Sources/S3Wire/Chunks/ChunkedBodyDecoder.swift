import Crypto
import HTTPTypes
import NIOCore

/// Takes a body in chunks (`Content-Encoding: aws-chunked`) apart as it comes, checks the signature of each chunk and of the trailer,
/// and holds no more of it than the line that it is at.
///
/// Bytes are handed out before the signature of their chunk has come, for a chunk may be larger than memory: nothing of them may become
/// visible before `finish` has returned.
public struct ChunkedBodyDecoder: Sendable {
    private enum State {
        case size
        case data(remaining: Int)
        case dataEnd
        case trailer
        case end
    }

    private var state = State.size
    private let hasTrailer: Bool
    private var signing: ChunkSigning?
    private let expectedLength: Int?
    private let expectedTrailers: [HTTPField.Name]

    /// The line that is not complete yet.
    private var line: [UInt8] = []
    private var length = 0
    private var digest = SHA256()
    /// Of the chunk that is being read.
    private var signature: [UInt8] = []

    private var trailers = HTTPFields()
    private var trailerLength = 0
    private var trailerDigest = SHA256()
    private var isTrailerSigned = false

    /// Bytes of a chunk's size and signature.
    private static let maximumLine = 256
    /// Bytes of all trailers.
    private static let maximumTrailer = 8192

    /// - Parameters:
    ///   - mode: `.streaming`; what the request said.
    ///   - signing: what the request's verification returned; not nil for signed chunks.
    ///   - decodedLength: bytes to come, `x-amz-decoded-content-length`.
    ///   - trailerNames: the names that `x-amz-trailer` announces.
    /// - Throws: `AccessDenied` where the chunks are said to be signed and nothing is there to check them with, or the other way round.
    public init(
        mode: PayloadMode, signing: ChunkSigning?, decodedLength: Int?, trailerNames: [HTTPField.Name] = []
    ) throws(S3Error) {
        guard case .streaming(let isSigned, let hasTrailer) = mode, isSigned == (signing != nil) else { throw .accessDenied }
        self.signing = signing
        self.hasTrailer = hasTrailer
        expectedLength = decodedLength
        expectedTrailers = trailerNames
    }

    /// - Parameter input: what came; what was read of it is taken away.
    /// - Returns: the next bytes of the payload; nil where the input is used up.
    /// - Throws: `SignatureDoesNotMatch`, `IncompleteBody`, `InvalidRequest`, `MalformedTrailerError`.
    public mutating func decode(_ input: inout ByteBuffer) throws(S3Error) -> ByteBuffer? {
        while input.readableBytes > 0 {
            switch state {
            case .size:
                guard let line = try readLine(&input, atMost: Self.maximumLine, otherwise: Self.malformed) else { return nil }
                try begin(line)
            case .data(let remaining):
                let count = min(remaining, input.readableBytes)
                guard let data = input.readSlice(length: count) else { return nil }
                if signing != nil { data.withUnsafeReadableBytes { digest.update(bufferPointer: $0) } }
                state = count < remaining ? .data(remaining: remaining - count) : .dataEnd
                return data
            case .dataEnd:
                guard let line = try readLine(&input, atMost: 2, otherwise: Self.malformed) else { return nil }
                guard line.isEmpty else { throw Self.malformed }
                try checkChunk()
                state = .size
            case .trailer:
                guard let line = try readLine(&input, atMost: Self.maximumTrailer, otherwise: .malformedTrailer) else { return nil }
                try readTrailer(line)
            case .end:
                // An empty line or two: clients do not agree on how many stand at the end.
                guard let byte = input.readInteger(as: UInt8.self), byte == 0x0D || byte == 0x0A else {
                    throw Self.malformed
                }
            }
        }
        return nil
    }

    /// Ends the body.
    /// - Returns: the trailers, all those that were announced and no others.
    /// - Throws: `IncompleteBody` where something is missing, `SignatureDoesNotMatch`, `MalformedTrailerError`.
    public mutating func finish() throws(S3Error) -> HTTPFields {
        switch state {
        case .end: break
        case .trailer where line.isEmpty:
            // A body without the empty line behind its trailer.
            try endTrailer()
        default: throw .incompleteBody
        }
        if let expectedLength, expectedLength != length { throw .incompleteBody }
        return trailers
    }

    private static let malformed = S3Error.invalidRequest.with(message: "The body is not well-formed aws-chunked content.")

    // MARK: Chunks

    /// `400;chunk-signature=…`
    private mutating func begin(_ line: [UInt8]) throws(S3Error) {
        let parts = line.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        let digits = parts[0].drop { $0 == 0x20 }
        guard (1...15).contains(digits.count) else { throw Self.malformed }
        var size = 0
        for digit in digits {
            guard let value = Hexadecimal.digit(digit) else { throw Self.malformed }
            size = size << 4 | Int(value)
        }
        if signing != nil {
            let name = Array("chunk-signature=".utf8)
            guard parts.count == 2, parts[1].starts(with: name), let signature = Hexadecimal.bytes(parts[1].dropFirst(name.count)),
                signature.count == 32
            else { throw Self.malformed }
            self.signature = signature
        }
        // The sum cannot overflow: each size has 60 bits at most, and the first that is more than is expected ends it.
        length += size
        if let expectedLength, length > expectedLength { throw .incompleteBody }
        guard length < 1 << 60 else { throw .entityTooLarge }
        guard size == 0 else {
            state = .data(remaining: size)
            return
        }
        try checkChunk()
        state = hasTrailer ? .trailer : .end
    }

    private mutating func checkChunk() throws(S3Error) {
        guard signing != nil else { return }
        let digest = self.digest.finalize()
        self.digest = SHA256()
        guard signing?.acceptsChunk(signature, digest) == true else { throw .signatureDoesNotMatch }
    }

    // MARK: Trailer

    /// `name:value`, `x-amz-trailer-signature:…`, or nothing. Some clients put an empty line between both, so that one ends the trailer
    /// only where the signature has come or none is due.
    private mutating func readTrailer(_ line: [UInt8]) throws(S3Error) {
        guard !line.isEmpty else {
            if signing == nil || isTrailerSigned { try endTrailer() }
            return
        }
        trailerLength += line.count
        guard trailerLength <= Self.maximumTrailer, !isTrailerSigned, let colon = line.firstIndex(of: UInt8(ascii: ":")),
            let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self))
        else { throw .malformedTrailer }
        let value = line[(colon + 1)...].drop { $0 == 0x20 }
        if name.canonicalName == "x-amz-trailer-signature" {
            guard signing != nil, let signature = Hexadecimal.bytes(value) else { throw .malformedTrailer }
            guard signing?.acceptsTrailer(signature, trailerDigest.finalize()) == true else { throw .signatureDoesNotMatch }
            isTrailerSigned = true
            return
        }
        guard expectedTrailers.contains(name), !trailers.contains(name) else { throw .malformedTrailer }
        trailers[name] = String(decoding: value, as: UTF8.self)
        trailerDigest.update(data: Array(name.canonicalName.utf8))
        trailerDigest.update(data: [UInt8(ascii: ":")])
        trailerDigest.update(data: Array(value))
        trailerDigest.update(data: [0x0A])
    }

    private mutating func endTrailer() throws(S3Error) {
        guard signing == nil || isTrailerSigned, expectedTrailers.allSatisfy(trailers.contains) else { throw .malformedTrailer }
        state = .end
    }

    // MARK: Lines

    /// Up to a line feed, without it and a carriage return before it; nil where it has not come yet.
    private mutating func readLine(
        _ input: inout ByteBuffer, atMost limit: Int, otherwise error: S3Error
    ) throws(S3Error) -> [UInt8]? {
        let view = input.readableBytesView
        let end = view.firstIndex(of: 0x0A)
        let part = view[..<(end ?? view.endIndex)]
        guard line.count + part.count <= limit else { throw error }
        line.append(contentsOf: part)
        input.moveReaderIndex(forwardBy: part.count + (end == nil ? 0 : 1))
        guard end != nil else { return nil }
        defer { line.removeAll(keepingCapacity: true) }
        return line.last == 0x0D ? Array(line.dropLast()) : line
    }
}
