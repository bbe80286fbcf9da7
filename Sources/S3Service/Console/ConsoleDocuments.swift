import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ObjectStorage
import S3Wire
import WebAPI

/// `/api/storage/buckets/{bucket}/policy/`, `…/lifecycle/`, `…/cors/` and so on: the documents of a bucket, in JSON as awscli has it.
extension StorageConsole {
    var documentRoutes: [Route] {
        BucketForm.all.flatMap { form in
            [
                route(.get, "buckets/{bucket}/\(form.path)/", "A bucket's \(form.title)") { call in try await read(form, call) },
                route(.put, "buckets/{bucket}/\(form.path)/", "Replace a bucket's \(form.title)") { call in try await write(form, call) },
                route(.delete, "buckets/{bucket}/\(form.path)/", "Remove a bucket's \(form.title)") { call in
                    try await asField(form.path) {
                        try await perform(.delete, try await bucket(call).name.description, query: [(form.parameter, "")], call)
                    }
                    return .noContent
                },
            ]
        }
    }

    private func read(_ form: BucketForm, _ call: ConsoleCall) async throws -> Response {
        guard let text = try await bucket(call).documents[form.documentName] else { throw APIError.notFound }
        guard let shape = form.shape else { return .json(text) }
        return .json(DocumentJSON.text(try XMLElement.reading(ByteBuffer(string: text)), shape))
    }

    private func write(_ form: BucketForm, _ call: ConsoleCall) async throws -> Response {
        let name = try await bucket(call).name.description
        let document: ByteBuffer
        if let shape = form.shape {
            let body = try await call.body()
            let root: XMLElement
            do throws(DocumentJSON.Mismatch) {
                root = try DocumentJSON.element(form.root, .object(body.members), shape)
            } catch {
                throw APIError(
                    invalid: [form.path: [(error.place.isEmpty ? "" : error.place + ": ") + error.reason]], code: "malformed_document")
            }
            var xml = XMLWriter(root: form.root)
            for child in root.children { xml.append(child) }
            document = xml.finish()
        } else {
            document = try await call.bytes()
        }
        var headers: HTTPFields = [:]
        headers[.contentMD5] = Data(Insecure.MD5.hash(data: Data(buffer: document))).base64EncodedString()
        try await asField(form.path) {
            try await perform(.put, name, query: [(form.parameter, "")], headers: headers, document: document, call)
        }
        return try await read(form, call)
    }
}
