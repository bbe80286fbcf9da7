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
            let path = "buckets/{bucket}/\(form.path)/"
            let state = Endpoint.Answer.conflict("The state of the bucket does not allow it")
            let routes = [
                route(
                    .get, path, "A bucket's \(form.title)", endpoint(parameters: [.bucket], answers: [.ok(form.schema)])
                ) { call in try await read(form, call) },
                route(
                    .put, path, "Replace a bucket's \(form.title)",
                    endpoint(
                        "As awscli has it.", parameters: [.bucket], body: .document(form.schema, field: form.path),
                        answers: [.ok(form.schema), state])
                ) { call in try await write(form, call) },
            ]
            guard form.isRemovable else { return routes }
            return routes + [
                route(
                    .delete, path, "Remove a bucket's \(form.title)",
                    endpoint(parameters: [.bucket], answers: [.noContent, state, Self.wrong])
                ) { call in
                    let name = try await bucket(call).name.description
                    try await asField(form.path) { try await perform(.delete, name, query: [(form.parameter, "")], call) }
                    return .noContent
                }
            ]
        }
    }

    /// What S3 refuses without a body that says it.
    private static let wrong = Endpoint.Answer(400, "It cannot be taken away", APIError.validationSchema)

    private func read(_ form: BucketForm, _ call: Call) async throws -> Response {
        guard let text = try await bucket(call).documents[form.documentName] else { throw APIError.notFound }
        guard let shape = form.shape else { return .unkept(text) }
        return .unkept(DocumentJSON.text(try XMLElement.reading(ByteBuffer(string: text)), shape))
    }

    private func write(_ form: BucketForm, _ call: Call) async throws -> Response {
        let name = try await bucket(call).name.description
        let document: ByteBuffer
        if let shape = form.shape {
            var xml = XMLWriter(root: form.root)
            for child in DocumentJSON.element(form.root, call.body, shape).children { xml.append(child) }
            document = xml.finish()
        } else {
            // Whoever reads it again finds it as it was written.
            document = ByteBuffer(string: call.bodyText)
        }
        var headers: HTTPFields = [:]
        headers[.contentMD5] = Data(Insecure.MD5.hash(data: Data(buffer: document))).base64EncodedString()
        try await asField(form.path) {
            try await perform(.put, name, query: [(form.parameter, "")], headers: headers, document: document, call)
        }
        return try await read(form, call)
    }
}
