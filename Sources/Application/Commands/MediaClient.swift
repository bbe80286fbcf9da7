import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import WebAPI

/// The REST client behind `agrovet media`.
struct MediaClient: Sendable {
    enum Failure: Error, CustomStringConvertible {
        case noToken(path: String)
        case unreachable(String, String)
        case unreadable(String)
        /// What the server said.
        case refused(status: Int, String)
        case unexpectedAnswer

        var description: String {
            switch self {
            case .noToken(let path):
                "no API token: set AGROVET_TOKEN, or name the server's data folder with --data (\(path) cannot be read)"
            case .unreachable(let server, let reason): "cannot reach \(server): \(reason)"
            case .unreadable(let reason): reason
            case .refused(_, let message): message
            case .unexpectedAnswer: "the server's answer is not what this version expects"
            }
        }

        /// Whether every further request would fail the same way.
        var isFatal: Bool {
            switch self {
            case .noToken, .unreachable: true
            case .refused(let status, _): status == 401 || status == 403
            case .unreadable, .unexpectedAnswer: false
            }
        }
    }

    /// One record of a list.
    struct Item: Sendable {
        let json: String
        let line: String
    }

    private let client = HTTPClient(eventLoopGroupProvider: .singleton)
    let server: String
    private let token: String

    init(settings: Settings) throws {
        server = settings[SettingsCatalogue.server]
        let given = settings[SettingsCatalogue.token]
        if given.isEmpty {
            let path = DataFolder(path: settings[SettingsCatalogue.data]).apiToken
            guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else {
                throw Failure.noToken(path: path)
            }
            token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        } else {
            token = given
        }
    }

    func shutdown() async { try? await client.shutdown() }

    /// Files up to this size go up whole, as the page sends them.
    private static let wholeBytes = 8_000_000

    /// Bytes of a file beyond which it goes up in pieces: where that is more than the server takes of a form, what it takes.
    func wholeLimit() async -> Int {
        guard let info = try? await call(.GET, "/api/info/"), let known = try? JSONDecoder().decode(Info.self, from: info) else {
            return Self.wholeBytes
        }
        // The limit is of the whole form, its lines included.
        return min(Self.wholeBytes, known.limits.uploadBytes - 4096)
    }

    private struct Info: Decodable {
        struct Limits: Decodable {
            let uploadBytes: Int
            enum CodingKeys: String, CodingKey { case uploadBytes = "upload_bytes" }
        }
        let limits: Limits
    }

    /// Uploads one file, streamed from disk; the new record's id.
    /// - Parameter wholeLimit: bytes of a file that goes up in one request; a larger one comes in pieces, and goes on where a connection
    ///   breaks.
    func upload(
        _ path: String, fields: [String: String], wholeLimit: Int, progress: @escaping @Sendable (Double) -> Void
    ) async throws -> String {
        let size: Int
        let handle: FileHandle
        do {
            size = (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
            handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        } catch {
            throw Failure.unreadable("cannot be read: \(Terminal.reason(error))")
        }
        defer { try? handle.close() }
        if size > wholeLimit {
            return try await ResumablePut(client: self, path: path, size: size, fields: fields, progress: progress).run()
        }
        let boundary = "agrovet-" + UUID().uuidString
        var head = ""
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            head += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        let name = (path as NSString).lastPathComponent.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        head += "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n\r\n"
        let tail = "\r\n--\(boundary)--\r\n"

        var request = HTTPClientRequest(url: server + "/api/media/")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "multipart/form-data; boundary=\(boundary)")
        let body = FileForm(head: head, handle: handle, size: size, tail: tail, progress: progress)
        request.body = .stream(body, length: .known(Int64(head.utf8.count + size + tail.utf8.count)))
        let answer = try await send(request)
        guard let record = try? JSONDecoder().decode(Identified.self, from: answer) else { throw Failure.unexpectedAnswer }
        return record.id
    }

    func list(search: String?, status: String?, limit: Int) async throws -> [Item] {
        var query = ["page_size=100"]
        if let search { query.append("search=" + search.urlPercentEncoded) }
        if let status { query.append("status=" + status.urlPercentEncoded) }
        var next: String? = "\(server)/api/media/?" + query.joined(separator: "&")
        var items: [Item] = []
        while let url = next, items.count < limit {
            let answer = try await send(HTTPClientRequest(url: url))
            guard let page = try JSONSerialization.jsonObject(with: answer) as? [String: Any],
                let results = page["results"] as? [[String: Any]]
            else {
                throw Failure.unexpectedAnswer
            }
            items += try results.map(Self.item)
            next = page["next"] as? String
        }
        return Array(items.prefix(limit))
    }

    /// Sends a request with a JSON object, or with nothing; the answer's body.
    func call(_ method: HTTPMethod, _ path: String, json: [String: Any]? = nil) async throws -> Data {
        var request = HTTPClientRequest(url: server + path)
        request.method = method
        if let json {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try JSONSerialization.data(withJSONObject: json)))
        }
        return try await send(request)
    }

    private struct Identified: Decodable {
        let id: String
    }

    private static func item(_ record: [String: Any]) throws -> Item {
        let data = try JSONSerialization.data(withJSONObject: record, options: [.sortedKeys, .withoutEscapingSlashes])
        let size = ByteCountFormatStyle(style: .file).format(Int64(record["size"] as? Int ?? 0))
        let fields = [
            record["id"] as? String ?? "", (record["created"] as? String ?? "").prefix(19).description,
            record["status"] as? String ?? "", "\(record["width"] as? Int ?? 0)x\(record["height"] as? Int ?? 0)", size,
            record["filename"] as? String ?? "",
        ]
        return Item(json: String(decoding: data, as: UTF8.self), line: fields.joined(separator: "  "))
    }

    private func send(_ request: HTTPClientRequest) async throws -> Data { try await exchange(request).body }

    /// A request and its answer, which is one of success.
    func exchange(_ request: HTTPClientRequest, timeout: TimeAmount = .hours(1)) async throws -> (headers: HTTPHeaders, body: Data) {
        var request = request
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        let response: HTTPClientResponse
        let body: ByteBuffer
        do {
            response = try await client.execute(request, timeout: timeout)
            body = try await response.body.collect(upTo: 16 * 1024 * 1024)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure.unreachable(server, "\(error)")
        }
        guard (200..<300).contains(response.status.code) else {
            throw Failure.refused(status: Int(response.status.code), Self.message(Data(buffer: body), response.status))
        }
        return (response.headers, Data(buffer: body))
    }

    /// The sentence in an error's body, in either of DRF's forms.
    private static func message(_ body: Data, _ status: HTTPResponseStatus) -> String {
        guard let members = try? JSONSerialization.jsonObject(with: body) as? [String: Any] else {
            return "\(status.code) \(status.reasonPhrase)"
        }
        if let detail = members["detail"] as? String { return detail }
        return members.sorted { $0.key < $1.key }.flatMap { ($0.value as? [String]) ?? [] }.joined(separator: " ")
    }
}

/// A form with one file, read from disk chunk by chunk.
private struct FileForm: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let head: String
    let handle: FileHandle
    let size: Int
    let tail: String
    let progress: @Sendable (Double) -> Void

    struct AsyncIterator: AsyncIteratorProtocol {
        let form: FileForm
        private var stage = 0
        private var sent = 0

        init(form: FileForm) { self.form = form }

        mutating func next() async throws -> ByteBuffer? {
            switch stage {
            case 0:
                stage = 1
                return ByteBuffer(string: form.head)
            case 1:
                if let data = try form.handle.read(upToCount: 256 * 1024), !data.isEmpty {
                    sent += data.count
                    form.progress(Double(sent) / Double(Swift.max(1, form.size)))
                    return ByteBuffer(bytes: data)
                }
                stage = 2
                return ByteBuffer(string: form.tail)
            default: return nil
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(form: self) }
}
