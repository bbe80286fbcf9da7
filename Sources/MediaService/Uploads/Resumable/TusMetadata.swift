import Foundation
import WebAPI

/// `Upload-Metadata` of tus 1.0: pairs of a key and a value in Base64, separated by commas.
package struct TusMetadata: Sendable, Equatable {
    /// Values as text, for the keys that are used here.
    package let values: [String: String]

    /// - Throws: `APIError` 400.
    package init(_ header: String) throws(APIError) {
        var values: [String: String] = [:]
        for pair in header.split(separator: ",") {
            let words = pair.split(separator: " ", omittingEmptySubsequences: true)
            guard let key = words.first, words.count <= 2 else { throw Self.malformed }
            guard let data = Data(base64Encoded: words.count == 2 ? String(words[1]) : "") else { throw Self.malformed }
            // Clients send more than is used here; only what is used has to be text.
            guard Self.used.contains(String(key)) else { continue }
            guard let text = String(validating: data, as: UTF8.self) else { throw .invalid(String(key), "Not a valid string.") }
            values[String(key)] = text
        }
        self.values = values
    }

    /// As the record shows it.
    package var filename: String { UploadForm.shownName(values["filename"] ?? "") }

    /// - Throws: `APIError` 400 with all fields that are wrong.
    package func fields() throws(APIError) -> MediaFields { try MediaFields(form: values) }

    private static let used: Set<String> = ["filename", "title", "alt", "visibility", "purpose"]

    private static var malformed: APIError {
        .invalid("Upload-Metadata", "Not a valid list of keys and Base64 values.")
    }
}
