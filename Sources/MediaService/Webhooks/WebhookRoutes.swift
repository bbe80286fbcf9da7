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
                try await list(call)
            },
            Route(.post, Self.path, "Make a webhook endpoint; its secret is shown this once", MediaEndpoints.addWebhook) {
                call in try await create(call)
            },
            Route(.get, Self.path + "{id}/", "A webhook endpoint", MediaEndpoints.webhookOf) { call in
                let endpoint = try await owned(call)
                return call.answer(endpoint.json(), tag: endpoint.tag)
            },
            Route(.patch, Self.path + "{id}/", "Change a webhook endpoint, or switch it on and off", MediaEndpoints.changeWebhook) {
                call in try await patch(call)
            },
            Route(.delete, Self.path + "{id}/", "Delete a webhook endpoint with its deliveries", MediaEndpoints.deleteWebhook) {
                call in try await delete(call)
            },
            Route(.post, Self.path + "{id}/rotate/", "Replace the secret; the old one signs on for a while", MediaEndpoints.rotateWebhook) {
                call in try await rotate(call)
            },
            Route(.post, Self.path + "{id}/test/", "Send a message of the type webhook.test", MediaEndpoints.testWebhook) { call in
                try await test(call)
            },
            Route(.get, Self.path + "{id}/deliveries/", "An endpoint's deliveries, newest first", MediaEndpoints.deliveries) { call in
                try await deliveries(call)
            },
            Route(.post, Self.path + "{id}/deliveries/{delivery}/retry/", "Send a settled delivery again", MediaEndpoints.retryDelivery) {
                call in try await retry(call)
            },
        ]
    }

    // MARK: Endpoints

    private func list(_ call: Call) async throws -> Response {
        let owner = try call.user().subject
        let page = try PageRequest(call.request)
        let (endpoints, count) = try await core.database.read { connection in
            (
                try WebhookTable.list(of: owner, limit: page.pageSize, offset: page.offset, on: connection),
                try WebhookTable.count(of: owner, on: connection)
            )
        }
        return Response.json(
            .ok, try page.body(endpoints.map { $0.json() }, count: count, request: call.request, base: base(of: call.request)))
    }

    private func create(_ call: Call) async throws -> Response {
        let owner = try call.user().subject
        let fields = try WebhookFields(call.body)
        let url = fields.url ?? ""
        try await checkReachable(url)
        let now = MediaCore.now()
        let endpoint = WebhookEndpoint(
            id: UUIDv7.make(), owner: owner, url: url, events: fields.events ?? WebhookEvents.usual, description: fields.description ?? "",
            isActive: fields.isActive ?? true, disabledReason: nil, created: now, updated: now)
        let secret = fields.secret ?? WebhookSecret()
        let sealed = try core.vault.seal(secret, of: endpoint.id)
        try await core.database.write { [limit = core.settings.endpoints] connection in
            try OwnerAccounts.requireActive(owner, on: connection)
            guard try WebhookTable.count(of: owner, on: connection) < limit else {
                throw APIError(
                    .conflict, code: "too_many_endpoints",
                    detail: "There are \(limit) endpoints already, as many as the setting webhook-endpoints allows.")
            }
            try WebhookTable.insert(endpoint, on: connection)
            try WebhookTable.addSecret(sealed, of: endpoint.id, othersExpire: now, on: connection)
        }
        var response = Self.secretResponse(.created, endpoint, secret)
        response.headers[.location] = base(of: call.request) + Self.path + endpoint.id + "/"
        return response
    }

    private func patch(_ call: Call) async throws -> Response {
        let known = try await owned(call)
        let fields = try WebhookFields(call.body)
        guard call.body["secret"] == nil else { throw APIError.invalid("secret", "A secret is replaced by a POST to rotate/.") }
        if let url = fields.url { try await checkReachable(url) }
        let endpoint = try await core.database.write { connection in
            guard var endpoint = try WebhookTable.find(known.id, on: connection) else { throw APIError.notFound }
            try call.requireMatch(endpoint.tag)
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
        return Response.json(.ok, endpoint.json(), headers: [.eTag: endpoint.tag])
    }

    private func delete(_ call: Call) async throws -> Response {
        let endpoint = try await owned(call)
        try call.requireMatch(endpoint.tag)
        try await core.database.write { try WebhookTable.delete(endpoint.id, on: $0) }
        return Response(status: .noContent)
    }

    private func rotate(_ call: Call) async throws -> Response {
        let endpoint = try await owned(call)
        let secret = try WebhookFields(call.body).secret ?? WebhookSecret()
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

    private func test(_ call: Call) async throws -> Response {
        let endpoint = try await owned(call)
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

    private func deliveries(_ call: Call) async throws -> Response {
        let endpoint = try await owned(call)
        let page = try PageRequest(call.request)
        let status = call.parameters.string("status").flatMap { WebhookDeliveryStatus(rawValue: $0) }
        let (deliveries, count) = try await core.database.read {
            try WebhookQueue.list(of: endpoint.id, status: status, limit: page.pageSize, offset: page.offset, on: $0)
        }
        return Response.json(.ok, try page.body(deliveries.map(\.json), count: count, request: call.request, base: base(of: call.request)))
    }

    private func retry(_ call: Call) async throws -> Response {
        let endpoint = try await owned(call)
        guard endpoint.isActive else { throw Self.inactive }
        let id = try call.path("delivery")
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
    private func owned(_ call: Call) async throws -> WebhookEndpoint {
        let owner = try call.user().subject
        let id = try call.path("id")
        guard UUIDv7.isValid(id), let endpoint = try await core.database.read({ try WebhookTable.find(id, on: $0) }),
            endpoint.owner == owner
        else { throw APIError.notFound }
        return endpoint
    }
}

extension WebhookEndpoint {
    /// Of all that an answer shows: nothing of it changes but by its owner, or by being switched off.
    fileprivate var tag: String { EntityTag.text(of: json()) }
}
