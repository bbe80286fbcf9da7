import Foundation
import Hummingbird
import Persistence
import Projections
import Schemas
import WebAPI

/// `/api/orders/`: what a user has bought and sold, and how it goes on.
struct OrderRoutes: Sendable {
    let core: MarketplaceCore

    private static let note = JSONSchema.object(.optional("note", .string(0...1000).described("For the order's history")))

    var routes: [Route] {
        [
            Route(
                .get, "/api/orders/", "Orders of the user, newest first",
                Endpoint(
                    "orders", scope: AddRoutes.read,
                    parameters: Parameter.cursor() + [
                        .query("role", .choice(["buyer", "seller"]), "As which of both; where it is not said, as either"),
                        .query("state", .choice(OrderState.self), "In this state"),
                        .query("refund_due", .boolean, "With money that has to go back; staff see those of all users"),
                        .query("add", .uuid, "Of this ad"),
                    ], answers: [.ok(.cursorPage(of: OrderRecord.schema)), Endpoint.Answer(404, "The cursor is none", APIError.schema)])
            ) { try await list($0) },
            Route(
                .get, "/api/orders/{id}/", "An order", Endpoint("orders", scope: AddRoutes.read, answers: [.ok(OrderRecord.schema)]).tagged
            ) { try await retrieve($0) },
            move("pay", "The seller was paid", .paid),
            move("ship", "It is on its way", .shipped),
            move("deliver", "It has arrived", .delivered),
            move("cancel", "Cancel an order that is not paid; what it took goes back", .cancelled),
            move("refund", "The money went back", .refunded),
        ]
    }

    private func move(_ verb: String, _ summary: String, _ state: OrderState) -> Route {
        Route(
            .post, "/api/orders/{id}/\(verb)/", summary,
            Endpoint(
                "orders", scope: AddRoutes.write, parameters: [.ifMatch, IdempotencyKey.optionalParameter], body: .optionalJSON(Self.note),
                answers: [.ok(OrderRecord.schema), .conflict("Its state does not allow it")] + IdempotencyKey.answers)
        ) { try await move($0, to: state) }
    }

    private func list(_ call: Call) async throws -> Response {
        let user = try call.user().subject
        let cursor = try CursorRequest(call)
        var filter = SQLFilter()
        switch call.parameters.string("role") {
        case "buyer"?: filter.add("buyer = ?", SQLValue(user))
        case "seller"?: filter.add("seller = ?", SQLValue(user))
        default:
            let isOfAll = call.parameters.bool("refund_due") == true && call.principal?.isStaff == true
            if !isOfAll { filter.add("(buyer = ? OR seller = ?)", SQLValue(user), SQLValue(user)) }
        }
        if let isDue = call.parameters.bool("refund_due") { filter.add("refund_due = ?", SQLValue(isDue)) }
        if let state = call.parameters.string("state") { filter.add("state = ?", SQLValue(state)) }
        if let add = call.parameters.string("add") { filter.add("add_id = ?", SQLValue(add.lowercased())) }
        let order = cursor.clauses(&filter)
        let (clause, arguments) = (filter.clause, filter.arguments)
        let rows = try await core.database.read { [core] connection in
            let orders = try OrderTable.list("\(clause) \(order)", arguments, on: connection)
            return zip(orders, try core.json(orders, call, on: connection)).map { (id: $0.id, json: $1) }
        }
        let body = cursor.page(rows).body(request: call.request, base: core.base(call)) { $0 }
        return .json(.ok, body)
    }

    private func retrieve(_ call: Call) async throws -> Response {
        let (user, id) = (try call.user(), try call.id())
        let (version, json) = try await core.database.read { [core] connection in
            let order = try Self.visible(id, user, on: connection)
            return (order.version, try core.json([order], call, on: connection)[0])
        }
        return call.answer(json, tag: EntityTag.text(version, json))
    }

    private func move(_ call: Call, to state: OrderState) async throws -> Response {
        let (user, id) = (try call.user(), try call.id())
        let note = (call.body["note"]?.string ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        return try await core.write { [core] connection in
            try IdempotencyKey.once(call, now: Timestamp.now(), on: connection) {
                let order = try Self.visible(id, user, on: connection)
                try call.requireMatch(order.tag)
                let actor: OrderActor = user.subject == order.seller ? .seller : user.subject == order.buyer ? .buyer : .staff
                // Where money goes through a provider, what it says counts.
                let isOfMoney = state == .paid || state == .refunded
                if isOfMoney, actor == .seller, !(order.paymentProvider == core.payments.name && core.payments.sellerConfirms) {
                    throw APIError.permissionDenied
                }
                let moved = try core.move(order, to: state, by: actor, user.subject, note: note, on: connection)
                return IdempotencyKey.Answer(.ok, try core.json([moved], call, on: connection)[0], tag: moved.tag)
            }
        }
    }

    private static func visible(_ id: String, _ user: Principal, on connection: any SQLConnection) throws -> OrderRecord {
        guard let order = try OrderTable.find(id, on: connection), user.isStaff || [order.buyer, order.seller].contains(user.subject) else {
            throw APIError.notFound
        }
        return order
    }
}
