import Events
import Hummingbird
import WebAPI

/// `GET /api/events/schema/`: the events of this server as an AsyncAPI 3.0 document.
struct EventSchemaRoute: Sendable {
    let catalogue: EventCatalogue
    /// What addresses begin with; empty: as the client has called.
    let publicURL: String

    var routes: [Route] {
        [
            Route(
                .get, "/api/events/schema/", "The events as an AsyncAPI 3.0 document",
                Endpoint("events", access: .anyone, answers: [.ok(.object(.required("asyncapi", .string())))])
            ) { request, _ in
                let (scheme, host) = place(request)
                let document = catalogue.asyncAPI(version: Agrovet.version, host: host, scheme: scheme)
                var response = Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: document.json)))
                response.headers[.contentType] = "application/json"
                return response
            }
        ]
    }

    private func place(_ request: Request) -> (scheme: String, host: String) {
        for scheme in ["https", "http"] where publicURL.hasPrefix(scheme + "://") {
            let rest = publicURL.dropFirst(scheme.count + 3)
            return (scheme, String(rest.prefix { $0 != "/" }))
        }
        let host = request.head.authority ?? ""
        return ("http", host.isEmpty ? "localhost" : host)
    }
}
