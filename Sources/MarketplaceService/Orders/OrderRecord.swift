import Foundation
import Persistence
import Projections
import Schemas
import WebAPI

/// What somebody bought: prices and names as they were then.
struct OrderRecord: Sendable {
    struct Line: Sendable {
        let variant: String
        let name: String
        let sku: String
        let unit: SaleUnit
        let quantity: Quantity
        /// Of one unit, and of the line, in minor units.
        let price: Int64
        let total: Int64
    }

    struct Step: Sendable {
        let state: OrderState
        /// A user's id, or `payment` or `system`.
        let actor: String
        let at: Int64
        let note: String
    }

    let id: String
    let buyer: String
    let seller: String
    let add: String
    let title: String
    let currency: Currency
    let total: Int64
    var state: OrderState
    let paymentProvider: String
    /// As the provider calls it.
    var paymentReference: String?
    /// Money came that the order does not await any more, or a second time: the provider has to send it back.
    var isRefundDue = false
    let note: String
    let created: Int64
    var updated: Int64
    var version: Int
    let lines: [Line]
    var history: [Step]

    var tag: String { "\"\(version)\"" }
    var amount: Money { Money(minorUnits: total, currency: currency) }

    func json(people: People, mediaBase: String, payment: JSONValue) -> JSONValue {
        [
            "id": .string(id), "buyer": people.json(buyer, mediaBase: mediaBase), "seller": people.json(seller, mediaBase: mediaBase),
            "add": .string(add), "title": .string(title), "currency": .string(currency.code), "total": .string(amount.text),
            "state": .string(state.rawValue), "note": .string(note), "payment": payment,
            "lines": .array(
                lines.map { line in
                    [
                        "variant": .string(line.variant), "name": .string(line.name), "sku": .string(line.sku),
                        "unit": .string(line.unit.rawValue),
                        "quantity": .string(line.quantity.text), "price": .string(Money(minorUnits: line.price, currency: currency).text),
                        "total": .string(Money(minorUnits: line.total, currency: currency).text),
                    ]
                }),
            "history": .array(
                history.map { step in
                    [
                        "state": .string(step.state.rawValue), "actor": .string(step.actor), "at": AddRecord.time(step.at),
                        "note": .string(step.note),
                    ]
                }),
            "created": AddRecord.time(created), "updated": AddRecord.time(updated),
        ]
    }

    private static let line = JSONSchema.object(
        .required("variant", .uuid), .required("name", .string()), .required("sku", .string()), .required("unit", .choice(SaleUnit.self)),
        .required("quantity", .string(format: .decimal)), .required("price", .string(format: .decimal)),
        .required("total", .string(format: .decimal)))

    static let schema = JSONSchema.object(
        .required("id", .uuid), .required("buyer", People.schema), .required("seller", People.schema), .required("add", .uuid),
        .required("title", .string().described("As it was then")), .required("currency", .string()),
        .required("total", .string(format: .decimal)),
        .required("state", .choice(OrderState.self)), .required("note", .string()),
        .required(
            "payment",
            .object(
                .required("provider", .string()), .required("reference", .string().nullable),
                .required("url", .string().nullable.described("Where the buyer pays")),
                .required("refund_due", .boolean.described("Money came that was not awaited, and has to go back")))),
        .required("lines", .array(line)),
        .required(
            "history",
            .array(
                .object(
                    .required("state", .choice(OrderState.self)), .required("actor", .string()), .required("at", .dateTime),
                    .required("note", .string())))),
        .required("created", .dateTime), .required("updated", .dateTime)
    ).named("Order")
}
