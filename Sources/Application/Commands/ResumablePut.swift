import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// One large file on its way up in pieces, by tus 1.0 (docs/UPLOADS.md): what the server has got survives a connection that breaks and a
/// restart of the server, as it does for the page.
struct ResumablePut: Sendable {
    let client: MediaClient
    let path: String
    let size: Int
    let fields: [String: String]
    let progress: @Sendable (Double) -> Void

    /// Bytes of one request: small enough to pass proxies, and to lose little where a connection breaks without a word.
    private static let pieceBytes = 16 << 20
    /// Failures in a row, without one byte more on the server, before it is given up: about ten minutes.
    private static let attempts = 45
    private static let (firstWait, longestWait) = (0.5, 15.0)
    private static let uploads = "/api/media/uploads/"

    /// How far the server has come.
    private struct State {
        var offset: Int
        /// The item that the file became, once it has.
        var media: String?

        init(_ headers: HTTPHeaders) throws {
            guard let offset = headers.first(name: "Upload-Offset").flatMap({ Int($0) }) else { throw MediaClient.Failure.unexpectedAnswer }
            self.offset = offset
            media = headers.first(name: "Agrovet-Media")?.split(separator: "/").last.map(String.init)
        }
    }

    /// - Returns: the new record's id.
    /// - Throws: `MediaClient.Failure`; one of the connection only where it stays away, or was never there.
    func run() async throws -> String {
        var address = try await create()
        var known: State?
        var (furthest, failures) = (0, 0)
        while true {
            do {
                let state: State
                if let offset = known?.offset, offset < size {
                    state = try await send(address, from: offset)
                } else if let answer = try await look(address) {
                    state = answer
                } else {
                    // It expired: from the start.
                    address = try await create()
                    (known, furthest) = (nil, 0)
                    continue
                }
                if let media = state.media { return media }
                // Complete, and the server is just making a record of it.
                guard state.offset < size else { throw MediaClient.Failure.refused(status: 423, "the server has not finished the file") }
                if state.offset > furthest { (furthest, failures) = (state.offset, 0) }
                known = state
            } catch let error as MediaClient.Failure where Self.passes(error) {
                failures += 1
                guard failures <= Self.attempts else { throw error }
                known = nil
                let wait = min(Self.longestWait, Self.firstWait * pow(2, Double(failures - 1))) * Double.random(in: 0.5...1)
                try await Task.sleep(for: .seconds(wait))
            }
        }
    }

    /// What another try may change.
    private static func passes(_ failure: MediaClient.Failure) -> Bool {
        switch failure {
        case .unreachable: true
        case .refused(let status, _): [409, 423, 429, 460].contains(status) || status >= 500 && status != 507
        default: false
        }
    }

    /// - Returns: the new upload's path.
    private func create() async throws -> String {
        var metadata = ["filename": (path as NSString).lastPathComponent]
        metadata.merge(fields.filter { !$0.value.isEmpty }) { name, _ in name }
        let encoded = metadata.sorted { $0.key < $1.key }.map { "\($0) \(Data($1.utf8).base64EncodedString())" }
        let headers = try await exchange(
            .POST, Self.uploads, [("Upload-Length", "\(size)"), ("Upload-Metadata", encoded.joined(separator: ","))])
        guard let location = headers.first(name: "Location"), let found = URLComponents(string: location)?.percentEncodedPath,
            let start = found.range(of: Self.uploads)
        else { throw MediaClient.Failure.unexpectedAnswer }
        return String(found[start.lowerBound...])
    }

    /// - Returns: nil where there is no such upload any more.
    private func look(_ address: String) async throws -> State? {
        do { return try State(await exchange(.HEAD, address, [])) } catch MediaClient.Failure.refused(let status, _)
            where status == 404 || status == 410
        { return nil }
    }

    private func send(_ address: String, from offset: Int) async throws -> State {
        let piece = FilePiece(path: path, range: offset..<min(size, offset + Self.pieceBytes)) { progress(Double($0) / Double(size)) }
        let headers = [("Upload-Offset", "\(offset)"), ("Content-Type", "application/offset+octet-stream")]
        let body = HTTPClientRequest.Body.stream(piece, length: .known(Int64(piece.range.count)))
        return try State(await exchange(.PATCH, address, headers, body))
    }

    private func exchange(
        _ method: HTTPMethod, _ address: String, _ headers: [(String, String)], _ body: HTTPClientRequest.Body? = nil
    ) async throws -> HTTPHeaders {
        var request = HTTPClientRequest(url: client.server + address)
        request.method = method
        request.headers.add(name: "Tus-Resumable", value: "1.0.0")
        request.headers.add(contentsOf: headers)
        request.body = body
        return try await client.exchange(request, timeout: .minutes(10)).headers
    }
}

/// A part of a file, read from disk chunk by chunk.
private struct FilePiece: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let path: String
    let range: Range<Int>
    /// Gets the place in the file that it has come to.
    let progress: @Sendable (Int) -> Void

    private static let chunkBytes = 256 * 1024

    struct AsyncIterator: AsyncIteratorProtocol {
        let piece: FilePiece
        private var handle: FileHandle?
        private var offset: Int

        init(piece: FilePiece) {
            self.piece = piece
            offset = piece.range.lowerBound
        }

        mutating func next() async throws -> ByteBuffer? {
            guard offset < piece.range.upperBound else { return nil }
            do {
                if handle == nil {
                    handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: piece.path))
                    try handle?.seek(toOffset: UInt64(offset))
                }
                let data = try handle?.read(upToCount: Swift.min(FilePiece.chunkBytes, piece.range.upperBound - offset)) ?? Data()
                guard !data.isEmpty else { throw MediaClient.Failure.unreadable("became shorter while it was sent") }
                offset += data.count
                piece.progress(offset)
                return ByteBuffer(bytes: data)
            } catch let error as MediaClient.Failure {
                throw error
            } catch {
                throw MediaClient.Failure.unreadable("cannot be read: \(Terminal.reason(error))")
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(piece: self) }
}
