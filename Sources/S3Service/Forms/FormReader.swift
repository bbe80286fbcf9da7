import Hummingbird
import NIOCore
import S3Wire
import Synchronization
import WebAPI

/// Reads a form: first its fields, then the bytes of its file as they come.
///
/// Unchecked: used by the one task that handles the form's request, fields before file.
final class FormReader: @unchecked Sendable {
    private var parser: MultipartParser
    private var body: RequestBody.AsyncIterator
    private var waiting: [MultipartParser.Event] = []
    private let fieldBytes: Int

    /// - Throws: `MultipartParser.Failure` where the request is no form.
    init(_ request: S3Request, fieldBytes: Int) throws(MultipartParser.Failure) {
        parser = try MultipartParser(
            contentType: request.headers[.contentType] ?? "", limits: MultipartLimits(fieldBytes: fieldBytes))
        body = request.body.makeAsyncIterator()
        self.fieldBytes = fieldBytes
    }

    /// All that stands before the file.
    ///
    /// - Throws: `S3Error`.
    func fields() async throws -> FormFields {
        var fields = FormFields()
        var current: (name: String, value: ByteBuffer)?
        var size = 0
        while let event = try await next() {
            switch event {
            case .begin(let header):
                if header.name.lowercased() == "file" {
                    fields.filename = header.filename.map { String($0.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? "") }
                    fields.fileContentType = header.contentType
                    return fields
                }
                current = (header.name, ByteBuffer())
            case .data(let bytes):
                size += bytes.readableBytes
                guard size <= fieldBytes else { throw S3Error.maxPostPreDataLengthExceeded }
                current?.value.writeImmutableBuffer(bytes)
            case .end:
                if let current { fields.items.append((current.name, String(buffer: current.value))) }
                current = nil
            }
        }
        throw S3Error.invalidArgument.with(message: "POST requires exactly one file upload per request.")
            .with(field: "ArgumentName", "file").with(field: "ArgumentValue", "0")
    }

    /// The bytes of the file. What stands behind it is not read as anything.
    func file(limit: Int) -> AsyncThrowingStream<ByteBuffer, any Error> {
        let left = Remaining(limit)
        return AsyncThrowingStream { try await self.fileBytes(left) }
    }

    private final class Remaining: Sendable {
        private let count: Mutex<Int>
        init(_ count: Int) { self.count = Mutex(count) }
        func take(_ bytes: Int) -> Bool {
            count.withLock {
                $0 -= bytes
                return $0 >= 0
            }
        }
    }

    private func fileBytes(_ left: Remaining) async throws -> ByteBuffer? {
        while let event = try await next() {
            switch event {
            case .data(let bytes):
                guard left.take(bytes.readableBytes) else { throw S3Error.entityTooLarge }
                return bytes
            case .end:
                // To the form's end, so that the connection can go on.
                while try await next() != nil {}
                return nil
            case .begin: throw S3Error.malformedPOSTRequest
            }
        }
        throw S3Error.incompleteBody
    }

    private func next() async throws -> MultipartParser.Event? {
        do {
            while waiting.isEmpty {
                guard let bytes = try await body.next() else {
                    try parser.finish()
                    return nil
                }
                waiting = try parser.push(bytes)
            }
        } catch is MultipartParser.Failure {
            throw S3Error.malformedPOSTRequest
        }
        return waiting.removeFirst()
    }
}
