import Codecs
import Hummingbird
import NIOCore
import ObjectStorage
import WebAPI

/// One file of an upload: complete and durable, but not yet an object.
struct ReceivedFile: Sendable {
    let blob: any StagedBlob
    /// As the client named it, without folders and control characters.
    let filename: String
    let info: ImageInfo
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
    static func receive(_ request: Request, core: MediaCore) async throws -> UploadForm {
        let limit = core.settings.uploadBytes
        // Refused before a byte of it is read: the client may not have sent it yet (Expect: 100-continue).
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge(limit) }
        let contentType = request.headers[.contentType] ?? ""
        guard HeaderParameters(contentType).value == "multipart/form-data" else {
            throw APIError(
                .unsupportedMediaType, code: "unsupported_media_type",
                detail: "Unsupported media type \"\(HeaderParameters(contentType).value)\" in request; send multipart/form-data.")
        }
        do {
            var receiver = try Receiver(contentType: contentType, core: core)
            return try await receiver.receive(request.body, limit: limit)
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

    fileprivate static func tooLarge(_ limit: Int) -> APIError {
        .contentTooLarge(limit: limit, setting: "upload-limit (AGROVET_UPLOAD_LIMIT)")
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
        case file(name: String, writer: any BlobWriter)
        case field(name: String, bytes: [UInt8])
        /// A file field left empty, as browsers send it.
        case skipped
    }

    private let core: MediaCore
    private var parser: MultipartParser
    private var part = Part.none
    private var form = UploadForm()
    private let limits: MultipartLimits

    /// - Throws: `MultipartParser.Failure`.
    init(contentType: String, core: MediaCore) throws {
        self.core = core
        // Room for the form's fields beside its files.
        limits = MultipartLimits(parts: core.settings.uploadFiles + 20)
        parser = try MultipartParser(contentType: contentType, limits: limits)
    }

    /// Takes the whole body; removes what it has received if that fails.
    mutating func receive(_ body: RequestBody, limit: Int) async throws -> UploadForm {
        do {
            var received = 0
            for try await chunk in body {
                received += chunk.readableBytes
                if received > limit { throw UploadForm.tooLarge(limit) }
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
        guard form.files.count < core.settings.uploadFiles else {
            throw APIError.invalid("file", "At most \(core.settings.uploadFiles) files are taken in one request (setting upload-files).")
        }
        part = .file(name: UploadForm.shownName(filename), writer: try await core.objects.stage())
    }

    private mutating func append(_ bytes: ByteBuffer) async throws {
        switch part {
        case .file(_, let writer): try await writer.write(bytes)
        case .field(let name, let before):
            let collected = before + bytes.readableBytesView
            guard collected.count <= limits.fieldBytes else {
                throw APIError.invalid(name, "Ensure this field has no more than \(limits.fieldBytes) bytes.")
            }
            part = .field(name: name, bytes: collected)
        case .skipped, .none: break
        }
    }

    private mutating func end() async throws {
        switch part {
        case .file(let name, let writer):
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
        if case .file(_, let writer) = part { await writer.cancel() }
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
            throw APIError(invalid: ["file": [prefix + error.message]], code: error.code)
        }
        try await scanner?.vet(path: blob.localPath, named: name)
        return info
    }
}
