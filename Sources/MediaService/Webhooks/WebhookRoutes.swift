import Events
import Foundation
import Hummingbird
import Persistence
import WebAPI

/// `/api/media/webhooks/`: endpoints, their secrets and their deliveries; each owner sees their own only.
struct WebhookRoutes: Sendable {
    let core: WebhookCore

    private static let path = "/api/media/webhooks/"

    var routes: [Route] {
        [
            Route(.get, Self.path, "List webhook endpoints", MediaEndpoints.webhooks) { call in
                try await list(call.request, call.context)
            },
            Route(.post, Self.path, "Make a webhook endpoint; its secret is shown this once", MediaEndpoints.addWebhook) {
                request, context in
                try await create(request, context)
            },
            Route(.get, Self.path + "{id}/", "A webhook endpoint", MediaEndpoints.webhookOf) { _, context in
                Response.json(.ok, try await owned(context).json())
            },
            Route(.patch, Self.path + "{id}/", "Change a webhook endpoint, or switch it on and off", MediaEndpoints.changeWebhook) {
                request, context in
                try await patch(request, context)
            },
            Route(.delete, Self.path + "{id}/", "Delete a webhook endpoint with its deliveries", MediaEndpoints.deleteWebhook) {
                _, context in
                try await delete(context)
            },
            Route(.post, Self.path + "{id}/rotate/", "Replace the secret; the old one signs on for a while", MediaEndpoints.rotateWebhook) {
                request, context in
                try await rotate(request, context)
            },
            Route(.post, Self.path + "{id}/test/", "Send a message of the type webhook.test", MediaEndpoints.testWebhook) { _, context in
                try await test(context)
            },
            Route(.get, Self.path + "{id}/deliveries/", "An endpoint's deliveries, newest first", MediaEndpoints.deliveries) { call in
                try await deliveries(call.request, call.context)
            },
            Route(.post, Self.path + "{id}/deliveries/{delivery}/retry/", "Send a settled delivery again", MediaEndpoints.retryDelivery) {
                _, context in
                try await retry(context)
            },
        ]
    }

    // MARK: Endpoints

    private func list(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let owner = try context.requirePrincipal().subject
        let page = try PageRequest(request)
        let (endpoints, count) = try await core.database.read { connection in
            (
                try WebhookTable.list(of: owner, limit: page.pageSize, offset: page.offset, on: connection),
                try WebhookTable.count(of: owner, on: connection)
            )
        }
        return Response.json(.ok, try page.body(endpoints.map { $0.json() }, count: count, request: request, base: base(of: request)))
    }

    private func create(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let owner = try context.requirePrincipal().subject
        let fields = try WebhookFields(json: try await JSONBody.required(request))
        guard let url = fields.url else { throw APIError.invalid("url", "This field is required.") }
        try await checkReachable(url)
        let now = MediaCore.now()
        let endpoint = WebhookEndpoint(
            id: UUIDv7.make(), owner: owner, url: url, events: fields.events ?? WebhookEvents.usual, description: fields.description ?? "",
            isActive: fields.isActive ?? true, disabledReason: nil, created: now, updated: now)
        let secret = fields.secret ?? WebhookSecret()
        let sealed = try core.vault.seal(secret, of: endpoint.id)
        try await core.database.write { [limit = core.settings.endpoints] connection in
            guard try WebhookTable.count(of: owner, on: connection) < limit else {
                throw APIError(
                    .conflict, code: "too_many_endpoints",
                    detail: "There are \(limit) endpoints already, as many as the setting webhook-endpoints allows.")
            }
            try WebhookTable.insert(endpoint, on: connection)
            try WebhookTable.addSecret(sealed, of: endpoint.id, othersExpire: now, on: connection)
        }
        var response = Self.secretResponse(.created, endpoint, secret)
        response.headers[.location] = base(of: request) + Self.path + endpoint.id + "/"
        return response
    }

    private func patch(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let known = try await owned(context)
        let fields = try WebhookFields(json: try await JSONBody.required(request))
        guard fields.secret == nil else { throw APIError.invalid("secret", "A secret is replaced by a POST to rotate/.") }
        if let url = fields.url { try await checkReachable(url) }
        let endpoint = try await core.database.write { connection in
            guard var endpoint = try WebhookTable.find(known.id, on: connection) else { throw APIError.notFound }
            endpoint.url = fields.url ?? endpoint.url
            endpoint.events = fields.events ?? endpoint.events
            endpoint.description = fields.description ?? endpoint.description
            if let isActive = fields.isActive {
                endpoint.isActive = isActive
                endpoint.disabledReason = nil
            }
            endpoint.updated = MediaCore.now()
            try WebhookTable.update(endpoint, on: connection)
            return endpoint
        }
        await core.signal.wake()
        return Response.json(.ok, endpoint.json())
    }

    private func delete(_ context: APIRequestContext) async throws -> Response {
        let endpoint = try await owned(context)
        try await core.database.write { try WebhookTable.delete(endpoint.id, on: $0) }
        return Response(status: .noContent)
    }

    private func rotate(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let endpoint = try await owned(context)
        let body = try await JSONBody.collect(request)
        let given = body.readableBytes > 0 ? try WebhookFields(json: Data(buffer: body)).secret : nil
        let secret = given ?? WebhookSecret()
        let sealed = try core.vault.seal(secret, of: endpoint.id)
        let expires = MediaCore.now() + Int64(core.settings.secretOverlap / .milliseconds(1))
        try await core.database.write { connection in
            guard try WebhookTable.find(endpoint.id, on: connection) != nil else { throw APIError.notFound }
            try WebhookTable.addSecret(sealed, of: endpoint.id, othersExpire: expires, on: connection)
        }
        return Self.secretResponse(
            .ok, endpoint, secret, [("previous_secret_expires", JSONText.string(Timestamp.text(milliseconds: expires)))])
    }

    private static func secretResponse(
        _ status: HTTPResponse.Status, _ endpoint: WebhookEndpoint, _ secret: WebhookSecret, _ more: [(String, String)] = []
    ) -> Response {
        var response = Response.json(status, endpoint.json([("secret", JSONText.string(secret.text))] + more))
        response.headers[.cacheControl] = "no-store"
        return response
    }

    // MARK: Deliveries

    private func test(_ context: APIRequestContext) async throws -> Response {
        let endpoint = try await owned(context)
        guard endpoint.isActive else { throw Self.inactive }
        let event = CloudEvent(
            id: UUIDv7.make(), source: "/agrovet/media", type: WebhookEvents.test, subject: endpoint.id, time: Date(),
            data: JSONText.object([("endpoint", JSONText.string(endpoint.id))]))
        let message = WebhookQueue.Message(
            id: event.id, type: event.type, subject: event.subject, body: WebhookPayload(publicURL: "").body(of: event))
        let delivery = try await core.database.write { connection in
            guard try WebhookTable.find(endpoint.id, on: connection) != nil else { throw APIError.notFound }
            let id = try WebhookQueue.enqueue(message, to: endpoint.id, now: MediaCore.now(), on: connection)
            return try WebhookQueue.find(id, of: endpoint.id, on: connection)
        }
        await core.signal.wake()
        guard let delivery else { throw APIError.notFound }
        return Response.json(.accepted, delivery.json)
    }

    private func deliveries(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let endpoint = try await owned(context)
        let page = try PageRequest(request)
        var status: WebhookDeliveryStatus?
        if let text = request.uri.queryParameters["status"], !text.isEmpty {
            status = WebhookDeliveryStatus(rawValue: String(text))
            guard status != nil else { throw APIError.invalid("status", "\"\(text)\" is not a valid choice.") }
        }
        let (deliveries, count) = try await core.database.read { [status] in
            try WebhookQueue.list(of: endpoint.id, status: status, limit: page.pageSize, offset: page.offset, on: $0)
        }
        return Response.json(.ok, try page.body(deliveries.map(\.json), count: count, request: request, base: base(of: request)))
    }

    private func retry(_ context: APIRequestContext) async throws -> Response {
        let endpoint = try await owned(context)
        guard endpoint.isActive else { throw Self.inactive }
        let id = try context.parameters.require("delivery")
        let delivery = try await core.database.write { connection in
            guard UUIDv7.isValid(id), let delivery = try WebhookQueue.find(id, of: endpoint.id, on: connection) else {
                throw APIError.notFound
            }
            guard delivery.status != .pending else {
                throw APIError(.conflict, code: "delivery_pending", detail: "The delivery is waiting to be sent already.")
            }
            try WebhookQueue.restart(delivery, now: MediaCore.now(), on: connection)
            return try WebhookQueue.find(id, of: endpoint.id, on: connection) ?? delivery
        }
        await core.signal.wake()
        return Response.json(.accepted, delivery.json)
    }

    // MARK: Parts

    private static var inactive: APIError {
        APIError(.conflict, code: "webhook_inactive", detail: "The endpoint is switched off. Switch it on first: {\"active\": true}.")
    }

    /// Says at once what every delivery would fail with; each is checked again when it is sent.
    private func checkReachable(_ text: String) async throws {
        guard let url = WebhookURL(text) else { throw APIError.invalid("url", "Enter a valid URL.") }
        let destination: AddressPolicy.Destination
        do {
            destination = try await core.policy.destination(of: url.host)
        } catch let refusal as AddressPolicy.Refusal {
            switch refusal {
            case .malformed: throw APIError.invalid("url", "Enter a valid URL.")
            case .unresolvable: throw APIError(invalid: ["url": ["The host's name cannot be resolved."]], code: "unresolvable")
            case .forbidden:
                throw APIError(
                    invalid: ["url": ["The host is not on the public Internet; the setting webhook-allow can name it."]],
                    code: "address_not_allowed")
            }
        }
        guard url.isSecure || destination.isNamed else {
            throw APIError(
                invalid: ["url": ["Only https:// is taken for a host that the setting webhook-allow does not name."]],
                code: "https_required")
        }
    }

    private func base(of request: Request) -> String { request.base(publicURL: core.settings.publicURL) }

    /// The endpoint of the path, if it is the reader's own; otherwise it is not there.
    private func owned(_ context: APIRequestContext) async throws -> WebhookEndpoint {
        let owner = try context.requirePrincipal().subject
        let id = try context.parameters.require("id")
        guard UUIDv7.isValid(id), let endpoint = try await core.database.read({ try WebhookTable.find(id, on: $0) }),
            endpoint.owner == owner
        else { throw APIError.notFound }
        return endpoint
    }
}
