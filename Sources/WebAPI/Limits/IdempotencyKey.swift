import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Persistence
import Schemas

/// The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header): a request that is sent again, because its answer was
/// lost, has its effect once and gets the first answer again. Key and answer are written in the transaction of the effect, so that
/// there is no moment at which one is durable without the other.
public struct IdempotencyKey: Sendable {
    private let owner: String
    private let operation: String
    private let key: String
    /// Of the request, so that one key cannot stand for two.
    private let fingerprint: String

    /// To be among the migrations of a service that takes such requests.
    public static let migration = Migration(
        "0001-idempotency-keys",
        """
        CREATE TABLE idempotency_keys (
            owner TEXT NOT NULL, operation TEXT NOT NULL, idempotency_key TEXT NOT NULL, fingerprint TEXT NOT NULL, status BIGINT NOT NULL,
            answer TEXT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (owner, operation, idempotency_key));
        CREATE INDEX idempotency_keys_created ON idempotency_keys (created);
        """)

    private static let header = HTTPField.Name("Idempotency-Key")!

    public static let parameter = Parameter.header(
        "Idempotency-Key", .string(1...255), required: true,
        "Chosen by the client, anew for each effect that is wanted; a repetition with the same key gets the first answer again")

    /// What an operation that takes keys may answer beside its own.
    public static let answers = [
        Endpoint.Answer(422, "The key was used for another request", APIError.schema)
    ]

    /// - Throws: `APIError` 400 where the request brings no key.
    public init(_ call: Call) throws {
        guard let key = call.parameters.string("Idempotency-Key") else {
            throw APIError.invalid("Idempotency-Key", SchemaProblem.required.message)
        }
        owner = try call.user().subject
        operation = call.request.method.rawValue + " " + call.request.uri.path
        self.key = key
        fingerprint = Base64URL.encode(SHA256.hash(data: Data(call.body.json.utf8)))
    }

    /// The answer that the key's request got before; nil where it is new.
    /// - Throws: `APIError` 422 where the key was used for another request.
    public func answer(on connection: any SQLConnection) throws -> Response? {
        guard
            let row = try connection.query(
                "SELECT fingerprint, status, answer FROM idempotency_keys WHERE owner = $1 AND operation = $2 AND idempotency_key = $3",
                [SQLValue(owner), SQLValue(operation), SQLValue(key)]
            ).first
        else { return nil }
        guard try row.text("fingerprint") == fingerprint else {
            throw APIError(
                .unprocessableContent, code: "idempotency_key_reused", detail: "This Idempotency-Key was used for another request.")
        }
        return .json(HTTPResponse.Status(code: try row.int("status")), try row.text("answer"))
    }

    /// Keeps the answer of the transaction under way.
    /// - Parameter now: milliseconds since 1970.
    public func keep(_ status: HTTPResponse.Status, _ json: String, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO idempotency_keys (owner, operation, idempotency_key, fingerprint, status, answer, created)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                SQLValue(owner), SQLValue(operation), SQLValue(key), SQLValue(fingerprint), SQLValue(status.code), SQLValue(json),
                SQLValue(now),
            ])
    }

    /// Forgets keys that nobody repeats any more.
    /// - Parameter milliseconds: since 1970.
    public static func forget(before milliseconds: Int64, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM idempotency_keys WHERE created < $1", [SQLValue(milliseconds)])
    }
}
