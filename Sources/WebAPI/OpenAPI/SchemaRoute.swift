import Hummingbird
import Schemas

/// `/api/schema/`: the OpenAPI document of the server's routes.
public struct SchemaRoute: Sendable {
    private let document: OpenAPIDocument
    private let publicURL: String

    /// - Parameters:
    ///   - routes: of the whole server.
    ///   - publicURL: what clients address it by; empty for what each of them says.
    public init(title: String, version: String, tags: [(String, String)], routes: [Route], publicURL: String) {
        document = OpenAPIDocument(
            title: title, version: version, tags: tags, routes: routes + [Self.declaration { _ in throw APIError.notFound }])
        self.publicURL = publicURL
    }

    public var routes: [Route] {
        [
            Self.declaration { call in
                .json(.ok, document.json(server: call.request.base(publicURL: publicURL)))
            }
        ]
    }

    private static func declaration(_ call: @escaping @Sendable (Call) async throws -> Response) -> Route {
        Route(
            .get, "/api/schema/", "This document: OpenAPI 3.1",
            Endpoint("server", access: .anyone, answers: [.ok(.object(.required("openapi", .string())))]), call: call)
    }
}
