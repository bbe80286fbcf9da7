import HTTPTypes
import ObjectStorage
import S3Wire
import WebAPI

extension APIError {
    /// What S3 would answer, in this API's form: `NoSuchBucket` is the code `no_such_bucket`, the status stays. Nil for what is no error
    /// of S3.
    init?(storage error: any Error) {
        guard let known = S3Core.s3Error(error) else { return nil }
        switch known.status.code {
        case 507: self = .insufficientStorage
        case 503:
            self = APIError(.serviceUnavailable, code: "unavailable", detail: known.message, headers: [.retryAfter: "1"])
        default: self = APIError(known.status, code: Self.snakeCase(known.code), detail: known.message, headers: known.headers)
        }
    }

    /// The same as a message of one field, where it is the client's fault.
    static func storage(_ error: any Error, field: String) -> APIError? {
        guard let known = S3Core.s3Error(error) else { return nil }
        guard known.status == .badRequest else { return APIError(storage: known) }
        return APIError(invalid: [field: [known.message]], code: snakeCase(known.code))
    }

    /// `MalformedXML` as `malformed_xml`, `NoSuchBucketPolicy` as `no_such_bucket_policy`.
    private static func snakeCase(_ name: String) -> String {
        let letters = Array(name)
        var result = ""
        for (index, letter) in letters.enumerated() {
            let beginsWord =
                letter.isUppercase && index > 0
                && (!letters[index - 1].isUppercase || (index + 1 < letters.count && letters[index + 1].isLowercase))
            result += (beginsWord ? "_" : "") + letter.lowercased()
        }
        return result
    }
}

/// Does what may be refused on account of one field.
@discardableResult
func asField<Value>(_ field: String, _ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch { throw APIError.storage(error, field: field) ?? error }
}
