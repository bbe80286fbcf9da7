import Foundation
import Hummingbird
import NIOCore
import WebAPI

/// A form that a client of OAuth sends, with who it is (RFC 6749 section 2.3.1 and 3.2).
struct ClientForm: Sendable {
    let values: [String: String]
    /// As the client names itself, not yet believed.
    let clientID: String?
    let secret: String?

    private static let limit = 64 * 1024

    /// - Throws: `OAuthError`.
    init(_ request: Request) async throws {
        guard HeaderParameters(request.headers[.contentType] ?? "").value == "application/x-www-form-urlencoded" else {
            throw OAuthError(.invalidRequest, "the body has to be application/x-www-form-urlencoded")
        }
        var bytes = ByteBuffer()
        for try await chunk in request.body {
            bytes.writeImmutableBuffer(chunk)
            if bytes.readableBytes > Self.limit { throw OAuthError(.invalidRequest, "the body is too large") }
        }
        // U+0000 is no character of a name or a secret, and no database takes it.
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self), let fields = FormFields.decode(text),
            !fields.contains(where: { $0.name.contains("\0") || $0.value.contains("\0") })
        else { throw OAuthError(.invalidRequest, "the form cannot be read") }
        var values: [String: String] = [:]
        for field in fields where !field.value.isEmpty {
            guard values.updateValue(field.value, forKey: field.name) == nil else {
                throw OAuthError(.invalidRequest, "\(field.name) stands twice")
            }
        }
        self.values = values
        let header = request.headers[.authorization]?.split(separator: " ", maxSplits: 1) ?? []
        if header.count == 2, header[0].lowercased() == "basic" {
            guard let data = Data(base64Encoded: String(header[1])), let pair = String(validating: data, as: UTF8.self),
                let colon = pair.firstIndex(of: ":"),
                let id = String(pair[..<colon]).removingURLPercentEncoding(plusIsSpace: true),
                let secret = String(pair[pair.index(after: colon)...]).removingURLPercentEncoding(plusIsSpace: true)
            else { throw OAuthError(.invalidClient, "the header Authorization cannot be read") }
            guard values["client_secret"] == nil, values["client_id"] == nil || values["client_id"] == id else {
                throw OAuthError(.invalidRequest, "the client names itself twice")
            }
            (clientID, self.secret) = (id, secret)
        } else {
            (clientID, secret) = (values["client_id"], values["client_secret"])
        }
    }

    /// - Throws: `OAuthError` `invalid_request` where it is missing.
    func require(_ name: String) throws(OAuthError) -> String {
        guard let value = values[name] else { throw OAuthError(.invalidRequest, "\(name) is missing") }
        return value
    }
}

extension AuthCore {
    /// The client that a form comes from: a confidential one has to show its secret, a public one has none.
    /// - Throws: `OAuthError` `invalid_client`.
    func client(of form: ClientForm) async throws -> OAuthClient {
        let refusal = OAuthError(.invalidClient, "the client is not known, or its secret is wrong")
        guard let id = form.clientID, let client = try await database.read({ try OAuthClientTable.find(id, on: $0) }) else { throw refusal }
        guard client.isConfidential ? form.secret.map(client.accepts) ?? false : form.secret == nil else { throw refusal }
        return client
    }
}
