import Foundation
import Hummingbird
import Persistence
import Projections
import Schemas
import WebAPI

/// `POST /api/adds/{id}/purchase/`: takes what is bought from the stock and makes the order, in one transaction, once for each key.
struct Purchase: Sendable {
    let core: MarketplaceCore

    private static let line = JSONSchema.object(
        .optional("variant", .uuid.described("May be left out where the ad has one")),
        .required("quantity", .oneOf(.string(format: .decimal), .number(0))))
    private static let schema = JSONSchema.object(
        .optional("variant", .uuid.described("May be left out where the ad has one")),
        .optional("quantity", .oneOf(.string(format: .decimal), .number(0)).described("1 where it is not said")),
        .optional("lines", .array(line, count: 1...50).described("Instead of variant and quantity")),
        .optional("note", .string(0...1000).described("To the seller"))
    ).named("Purchase")

    var routes: [Route] {
        [
            Route(
                .post, "/api/adds/{id}/purchase/", "Buy",
                Endpoint(
                    "orders", details: "The stock is taken at once; an order that is not paid in time gives it back.",
                    scope: AddRoutes.write,
                    parameters: [IdempotencyKey.parameter], body: .json(Self.schema),
                    answers: [.created(OrderRecord.schema), .conflict("There is not so much left, or it is not on sale")]
                        + IdempotencyKey.answers)
            ) { try await buy($0) }
        ]
    }

    private func buy(_ call: Call) async throws -> Response {
        let id = try call.id()
        let buyer = try call.user().subject
        return try await core.turns.take(id) { [core] in
            try await core.write { connection in
                try IdempotencyKey.once(call, now: Timestamp.now(), on: connection) {
                    let (order, json) = try order(id, buyer, call, on: connection)
                    return IdempotencyKey.Answer(
                        .created, json, location: "\(core.base(call))/api/orders/\(order.id)/", tag: order.tag)
                }
            }
        }
    }

    private func order(
        _ id: String, _ buyer: String, _ call: Call, on connection: any SQLConnection
    ) throws -> (OrderRecord, json: String) {
        let now = Timestamp.now()
        guard var add = try AddTable.find(id, on: connection), add.isPublic else { throw APIError.notFound }
        guard add.seller != buyer else {
            throw APIError(.conflict, code: "own_add", detail: "You cannot buy what you sell yourself.")
        }
        guard add.state == .published, add.expires.map({ $0 > now }) ?? true else { throw Self.notEnough }
        let lines = try lines(of: call.body, add)
        var total: Int64 = 0
        for line in lines {
            guard try AddTable.changeStock(line.variant, of: id, by: -line.quantity.thousandths, on: connection) else {
                throw Self.notEnough
            }
            total += line.total
        }
        guard total <= Money.largest else { throw APIError.invalid("quantity", "The total is too large.") }
        let order = OrderRecord(
            id: UUIDv7.make(), buyer: buyer, seller: add.seller, add: id, title: add.title, currency: add.currency, total: total,
            state: .pending, paymentProvider: core.payments.name, paymentReference: nil,
            note: (call.body["note"]?.string ?? "").trimmingCharacters(in: .whitespacesAndNewlines), created: now, updated: now, version: 1,
            lines: lines, history: [OrderRecord.Step(state: .pending, actor: buyer, at: now, note: "")])
        try OrderTable.insert(order, on: connection)
        guard let left = try AddTable.find(id, on: connection) else { throw APIError.notFound }
        add = left
        if add.stock == 0 { add.state = .sold }
        // Who bought it is between the two: the event tells what everybody may know.
        try core.emit(
            "add.sold", id,
            [
                "id": .string(id), "seller": .string(add.seller), "order": .string(order.id), "currency": .string(order.currency.code),
                "total": .string(order.amount.text), "stock": .string(Quantity(thousandths: add.stock).text),
                "lines": .array(
                    lines.map {
                        ["variant": .string($0.variant), "quantity": .string($0.quantity.text), "unit": .string($0.unit.rawValue)]
                    }),
            ], on: connection)
        try core.stockChanged(&add, on: connection)
        return (order, try core.json([order], call, on: connection)[0])
    }

    private func lines(of body: JSONValue, _ add: AddRecord) throws -> [OrderRecord.Line] {
        let wishes = body["lines"]?.elements ?? [body]
        var lines: [OrderRecord.Line] = []
        for (index, wish) in wishes.enumerated() {
            let path = body["lines"] == nil ? "" : "lines.\(index)."
            let variant: Variant
            if let id = wish["variant"]?.string?.lowercased() {
                guard let named = add.variants.first(where: { $0.id == id }) else {
                    throw APIError.invalid(path + "variant", "This variant does not exist.")
                }
                variant = named
            } else {
                guard add.variants.count == 1, let only = add.variants.first else {
                    throw APIError.invalid(path + "variant", SchemaProblem.required.message)
                }
                variant = only
            }
            if lines.contains(where: { $0.variant == variant.id }) {
                throw APIError.invalid(path + "variant", "This variant stands here twice.")
            }
            let amount = wish["quantity"].map { $0.number ?? $0.string.flatMap { Decimal(string: $0) } } ?? 1
            guard let quantity = amount.flatMap({ Quantity($0, variant.unit) }), quantity.thousandths > 0 else {
                throw APIError.invalid(
                    path + "quantity",
                    "Ensure that this is a quantity in \(variant.unit.rawValue), with \(variant.unit.places) decimal places at most.")
            }
            guard let total = Money(minorUnits: variant.price, currency: add.currency).times(quantity) else {
                throw APIError.invalid(path + "quantity", "The total is too large.")
            }
            lines.append(
                OrderRecord.Line(
                    variant: variant.id, name: variant.name, sku: variant.sku, unit: variant.unit, quantity: quantity, price: variant.price,
                    total: total.minorUnits))
        }
        return lines
    }

    private static var notEnough: APIError {
        APIError(.conflict, code: "out_of_stock", detail: "There is not so much left.")
    }
}

extension MarketplaceCore {
    /// Orders as answers show them.
    func json(_ orders: [OrderRecord], _ call: Call, on connection: any SQLConnection) throws -> [String] {
        let people = try People(orders.flatMap { [$0.buyer, $0.seller] }, on: connection)
        return orders.map { $0.json(people: people, mediaBase: mediaBase(call), payment: payment(of: $0)).json }
    }

    /// What an order's answer says of its payment.
    func payment(of order: OrderRecord) -> JSONValue {
        let isDue = order.state == .pending && order.paymentProvider == payments.name
        let address = isDue ? payments.address(order: order.id, amount: order.amount) : nil
        return [
            "provider": .string(order.paymentProvider), "reference": order.paymentReference.map { .string($0) } ?? .null,
            "url": address.map { .string($0) } ?? .null, "refund_due": .bool(order.isRefundDue),
        ]
    }
}
