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

    /// What is kept of an answer: enough to give it again.
    public struct Answer: Sendable {
        let status: HTTPResponse.Status
        let json: String
        /// Fields Location and ETag.
        let location: String?
        let tag: String?

        public init(_ status: HTTPResponse.Status, _ json: String, location: String? = nil, tag: String? = nil) {
            self.status = status
            self.json = json
            self.location = location
            self.tag = tag
        }

        public var response: Response {
            var response = Response.json(status, json)
            if let location { response.headers[.location] = location }
            if let tag { response.headers[.eTag] = tag }
            return response
        }
    }

    /// To be among the migrations of a service that takes such requests, in this order.
    public static let migration = Migration(
        "0001-idempotency-keys",
        """
        CREATE TABLE idempotency_keys (
            owner TEXT NOT NULL, operation TEXT NOT NULL, idempotency_key TEXT NOT NULL, fingerprint TEXT NOT NULL, status BIGINT NOT NULL,
            answer TEXT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (owner, operation, idempotency_key));
        CREATE INDEX idempotency_keys_created ON idempotency_keys (created);
        """)
    public static let fieldsMigration = Migration(
        "0002-idempotency-fields",
        "ALTER TABLE idempotency_keys ADD COLUMN location TEXT; ALTER TABLE idempotency_keys ADD COLUMN etag TEXT;")

    private static let header = HTTPField.Name("Idempotency-Key")!

    private static let schema = JSONSchema.string(1...255)
    private static let meaning =
        "Chosen by the client, anew for each effect that is wanted; a repetition with the same key gets the first answer again"

    /// Of operations that nobody should be able to do twice by accident, such as those that cost money.
    public static let parameter = Parameter.header("Idempotency-Key", schema, required: true, meaning)
    /// Of operations that do no harm when they are done twice, or refuse it by themselves.
    public static let optionalParameter = Parameter.header("Idempotency-Key", schema, meaning)

    /// What an operation that takes keys may answer beside its own.
    public static let answers = [
        Endpoint.Answer(422, "The key was used for another request", APIError.schema)
    ]

    /// Does what is asked for in the transaction under way and keeps its answer; a repetition gets that again, and nothing is done.
    /// Without a key it is done each time: whether one is required says the operation's parameter.
    /// - Parameter now: milliseconds since 1970.
    /// - Throws: `APIError` 422 where the key was used for another request; what `effect` throws, and then no key is kept.
    public static func once(
        _ call: Call, now: Int64, on connection: any SQLConnection, _ effect: () throws -> Answer
    ) throws -> Response {
        guard let key = try IdempotencyKey(call) else { return try effect().response }
        if let known = try key.answer(on: connection) { return known.response }
        let answer = try effect()
        try key.keep(answer, now: now, on: connection)
        return answer.response
    }

    /// Nil where the request brings no key.
    private init?(_ call: Call) throws {
        guard let key = call.parameters.string("Idempotency-Key") else { return nil }
        owner = try call.user().subject
        operation = call.request.method.rawValue + " " + call.request.uri.path
        self.key = key
        fingerprint = Base64URL.encode(SHA256.hash(data: Data(call.body.json.utf8)))
    }

    private func answer(on connection: any SQLConnection) throws -> Answer? {
        guard
            let row = try connection.query(
                """
                SELECT fingerprint, status, answer, location, etag FROM idempotency_keys
                WHERE owner = $1 AND operation = $2 AND idempotency_key = $3
                """,
                [SQLValue(owner), SQLValue(operation), SQLValue(key)]
            ).first
        else { return nil }
        guard try row.text("fingerprint") == fingerprint else {
            throw APIError(
                .unprocessableContent, code: "idempotency_key_reused", detail: "This Idempotency-Key was used for another request.")
        }
        return Answer(
            HTTPResponse.Status(code: try row.int("status")), try row.text("answer"), location: try row.optionalText("location"),
            tag: try row.optionalText("etag"))
    }

    private func keep(_ answer: Answer, now: Int64, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO idempotency_keys (owner, operation, idempotency_key, fingerprint, status, answer, location, etag, created)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                SQLValue(owner), SQLValue(operation), SQLValue(key), SQLValue(fingerprint), SQLValue(answer.status.code),
                SQLValue(answer.json), SQLValue(answer.location), SQLValue(answer.tag), SQLValue(now),
            ])
    }

    /// Forgets keys that nobody repeats any more.
    /// - Parameter milliseconds: since 1970.
    public static func forget(before milliseconds: Int64, on connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM idempotency_keys WHERE created < $1", [SQLValue(milliseconds)])
    }
}
