import Codecs
import Hummingbird
import NIOCore
import ObjectStorage
import WebAPI

/// What bounds one form.
struct UploadLimits: Sendable {
    /// Bytes of the whole body.
    let bodyBytes: Int
    /// Bytes of one file.
    let fileBytes: Int
    let files: Int
    /// What is answered where one of the byte limits is passed.
    let tooLarge: APIError

    /// Those of the settings.
    init(_ settings: MediaSettings) {
        bodyBytes = settings.uploadBytes
        fileBytes = settings.uploadBytes
        files = settings.uploadFiles
        tooLarge = .contentTooLarge(limit: settings.uploadBytes, setting: "upload-limit (AGROVET_UPLOAD_LIMIT)")
    }

    /// One file of so many bytes, with room for the form's own lines around it.
    init(oneFileOf bytes: Int, tooLarge: APIError) {
        bodyBytes = bytes + 64 * 1024
        fileBytes = bytes
        files = 1
        self.tooLarge = tooLarge
    }
}

/// A multipart/form-data upload: streamed to the store's temporary place while it is hashed, each file probed as soon as
/// it is complete, never whole in memory.
struct UploadForm: Sendable {
    var files: [ReceivedFile] = []
    var fields: [String: String] = [:]

    /// Removes every file that was received. Harmless after a commit.
    func discard() async {
        for file in files { await file.blob.discard() }
    }

    /// - Throws: `APIError` for what is wrong with the request, `ObjectStoreError.diskFull`, `IncompleteBody`; nothing that
    ///   was received is left behind then.
    static func receive(_ request: Request, limits: UploadLimits, core: MediaCore) async throws -> UploadForm {
        // Refused before a byte of it is read: the client may not have sent it yet (Expect: 100-continue).
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytes { throw limits.tooLarge }
        let contentType = request.headers[.contentType] ?? ""
        guard HeaderParameters(contentType).value == "multipart/form-data" else {
            throw APIError(
                .unsupportedMediaType, code: "unsupported_media_type",
                detail: "Unsupported media type \"\(HeaderParameters(contentType).value)\" in request; send multipart/form-data.")
        }
        do {
            var receiver = try Receiver(contentType: contentType, limits: limits, core: core)
            return try await receiver.receive(request.body)
        } catch let failure as MultipartParser.Failure {
            throw apiError(failure)
        }
    }

    private static func apiError(_ failure: MultipartParser.Failure) -> APIError {
        let detail =
            switch failure {
            case .missingBoundary: "Multipart form parse error: the Content-Type has no valid boundary."
            case .malformed(let reason): "Multipart form parse error: \(reason)."
            case .tooManyParts(let limit): "Multipart form parse error: more than \(limit) parts."
            case .headerTooLarge(let limit): "Multipart form parse error: a part's header is longer than \(limit) bytes."
            case .unexpectedEnd: "Multipart form parse error: the body ends before its closing boundary."
            }
        return APIError(.badRequest, code: "parse_error", detail: detail)
    }

    /// A client's file name made fit to be shown: the last component, no control characters, at most 255 characters.
    static func shownName(_ name: String) -> String {
        let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        let clean = String(String.UnicodeScalarView(last.unicodeScalars.filter { $0.properties.generalCategory != .control }))
        return clean == "." || clean == ".." ? "" : String(clean.prefix(255))
    }
}

/// Takes a form's parts as they come.
private struct Receiver {
    private enum Part {
        case none
        case file(name: String, writer: any BlobWriter, size: Int)
        case field(name: String, bytes: [UInt8])
        /// A file field left empty, as browsers send it.
        case skipped
    }

    private let core: MediaCore
    private var parser: MultipartParser
    private var part = Part.none
    private var form = UploadForm()
    private let limits: UploadLimits
    private let partLimits: MultipartLimits

    /// - Throws: `MultipartParser.Failure`.
    init(contentType: String, limits: UploadLimits, core: MediaCore) throws {
        self.core = core
        self.limits = limits
        // Room for the form's fields beside its files.
        partLimits = MultipartLimits(parts: limits.files + 20)
        parser = try MultipartParser(contentType: contentType, limits: partLimits)
    }

    /// Takes the whole body; removes what it has received if that fails.
    mutating func receive(_ body: RequestBody) async throws -> UploadForm {
        do {
            var received = 0
            for try await chunk in body {
                received += chunk.readableBytes
                if received > limits.bodyBytes { throw limits.tooLarge }
                for event in try parser.push(chunk) { try await take(event) }
            }
            try parser.finish()
        } catch {
            await abandon()
            throw error
        }
        guard !form.files.isEmpty else { throw APIError.invalid("file", "No file was submitted.") }
        return form
    }

    private mutating func take(_ event: MultipartParser.Event) async throws {
        switch event {
        case .begin(let header): try await begin(header)
        case .data(let bytes): try await append(bytes)
        case .end: try await end()
        }
    }

    private mutating func begin(_ header: MultipartParser.PartHeader) async throws {
        guard let filename = header.filename else {
            // What is without one is a field of text, whatever is in it.
            guard header.name != "file" else {
                throw APIError.invalid("file", "This part has no filename, so it is no file; send it with one.")
            }
            part = .field(name: header.name, bytes: [])
            return
        }
        guard header.name == "file" else {
            throw APIError.invalid(header.name, "Files are taken in the field \"file\" only.")
        }
        if filename.isEmpty {
            part = .skipped
            return
        }
        guard form.files.count < limits.files else {
            let message =
                limits.files == 1
                ? "One file is taken here." : "At most \(limits.files) files are taken in one request (setting upload-files)."
            throw APIError.invalid("file", message)
        }
        part = .file(name: UploadForm.shownName(filename), writer: try await core.objects.stage(), size: 0)
    }

    private mutating func append(_ bytes: ByteBuffer) async throws {
        switch part {
        case .file(let name, let writer, let before):
            let size = before + bytes.readableBytes
            guard size <= limits.fileBytes else { throw limits.tooLarge }
            try await writer.write(bytes)
            part = .file(name: name, writer: writer, size: size)
        case .field(let name, let before):
            let collected = before + bytes.readableBytesView
            guard collected.count <= partLimits.fieldBytes else {
                throw APIError.invalid(name, "Ensure this field has no more than \(partLimits.fieldBytes) bytes.")
            }
            part = .field(name: name, bytes: collected)
        case .skipped, .none: break
        }
    }

    private mutating func end() async throws {
        switch part {
        case .file(let name, let writer, _):
            let blob = try await writer.finish()
            part = .none
            do {
                let info = try await core.probe(blob, named: name)
                form.files.append(ReceivedFile(blob: blob, filename: name, info: info))
            } catch {
                await blob.discard()
                throw error
            }
        case .field(let name, let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else { throw APIError.invalid(name, "Not a valid string.") }
            form.fields[name] = text
        case .skipped, .none: break
        }
        part = .none
    }

    /// Removes all that was received.
    private mutating func abandon() async {
        if case .file(_, let writer, _) = part { await writer.cancel() }
        part = .none
        await form.discard()
    }
}

extension MediaCore {
    /// Tells from its bytes what a received file is, whether it is whole, and whether it carries malware.
    /// - Throws: `APIError` 400 for the field `file`, with a sentence that names the file; what `UploadScanner.vet` throws.
    func probe(_ blob: any StagedBlob, named name: String) async throws -> ImageInfo {
        let prefix = name.isEmpty ? "" : "\(name): "
        guard blob.size > 0 else { throw APIError(invalid: ["file": ["\(prefix)The submitted file is empty."]], code: "empty_file") }
        let info: ImageInfo
        do {
            info = try await pipeline.vet(path: blob.localPath)
        } catch let error as CodecError where error.isPermanent {
            if let words = error.libraryWords {
                logger.info("a codec's words of a refused file", metadata: ["code": "\(error.code)", "words": "\(words)"])
            }
            throw APIError(invalid: ["file": [prefix + error.message]], code: error.code)
        }
        try await scanner?.vet(path: blob.localPath, named: name)
        return info
    }
}
