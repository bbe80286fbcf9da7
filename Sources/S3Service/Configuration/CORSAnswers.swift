import HTTPTypes
import ObjectStorage
import S3Wire

/// What a bucket tells browsers of pages from other origins.
package struct CORSAnswers: Sendable {
    let documents: DocumentCache

    package init(documents: DocumentCache) { self.documents = documents }

    private static let requestMethod = HTTPField.Name("Access-Control-Request-Method")!
    private static let requestHeaders = HTTPField.Name("Access-Control-Request-Headers")!
    private static let vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"

    /// Headers to be added to the answer to a request, whatever the answer is; empty where the request comes from no page or the
    /// bucket has no rule for it.
    package func headers(_ request: HTTPFields, method: String, bucket: Bucket) -> HTTPFields {
        guard let origin = request[.origin], let cors = configuration(bucket),
            let rule = cors.rule(origin: origin, method: request[Self.requestMethod] ?? method, headers: [])
        else { return [:] }
        return Self.headers(rule, origin: origin)
    }

    /// The answer to `OPTIONS`.
    /// - Throws: `BadRequest` where it is no preflight, `AccessForbidden` where no rule allows what it asks for.
    package func preflight(_ request: HTTPFields, bucket: Bucket) throws(S3Error) -> HTTPFields {
        guard let origin = request[.origin] else {
            throw .badRequest.with(message: "A preflight request needs the header Origin.")
        }
        guard let method = request[Self.requestMethod] else {
            throw .badRequest.with(message: "A preflight request needs the header Access-Control-Request-Method.")
        }
        let asked = request[Self.requestHeaders] ?? ""
        let names = asked.split(separator: ",").map { $0.trimmingSpaces().lowercased() }.filter { !$0.isEmpty }
        guard let cors = configuration(bucket) else { throw Self.forbidden("CORS is not enabled for this bucket.") }
        guard let rule = cors.rule(origin: origin, method: method, headers: names) else {
            throw Self.forbidden("No rule of the bucket allows this origin with this method and these headers.")
        }
        var headers = Self.headers(rule, origin: origin)
        if !names.isEmpty { headers[.accessControlAllowHeaders] = names.joined(separator: ", ") }
        return headers
    }

    private static func forbidden(_ reason: String) -> S3Error { S3Error("AccessForbidden", .forbidden, "CORSResponse: " + reason) }

    private func configuration(_ bucket: Bucket) -> CORSConfiguration? { try? documents.document(CORSConfiguration.self, of: bucket) }

    private static func headers(_ rule: CORSConfiguration.Rule, origin: String) -> HTTPFields {
        var headers: HTTPFields = [:]
        if rule.origins.contains("*") {
            headers[.accessControlAllowOrigin] = "*"
        } else {
            headers[.accessControlAllowOrigin] = origin
            headers[.accessControlAllowCredentials] = "true"
        }
        headers[.accessControlAllowMethods] = rule.methods.joined(separator: ", ")
        if !rule.exposed.isEmpty { headers[.accessControlExposeHeaders] = rule.exposed.joined(separator: ", ") }
        if let age = rule.maxAge { headers[.accessControlMaxAge] = String(age) }
        headers[.vary] = vary
        return headers
    }
}
