import Foundation
import Persistence

/// The tables of orders.
enum OrderTable {
    private static let columns = """
        id, buyer, seller, add_id, title, currency, total, state, payment_provider, payment_reference, refund_due, note, created, updated, \
        version
        """

    static func find(_ id: String, on connection: any SQLConnection) throws -> OrderRecord? {
        try list("WHERE id = $1", [SQLValue(id)], on: connection).first
    }

    /// - Parameter clauses: behind FROM orders.
    static func list(_ clauses: String, _ arguments: [SQLValue], on connection: any SQLConnection) throws -> [OrderRecord] {
        let rows = try connection.query("SELECT \(columns) FROM orders \(clauses)", arguments)
        let ids = try rows.map { try $0.text("id") }
        var lines: [String: [OrderRecord.Line]] = [:]
        for row in try parts("SELECT order_id, variant_id, name, sku, unit, quantity, price, total FROM order_lines", ids, on: connection) {
            guard let unit = SaleUnit(rawValue: try row.text("unit")) else { throw DatabaseError.decoding("unit") }
            lines[try row.text("order_id"), default: []].append(
                OrderRecord.Line(
                    variant: try row.text("variant_id"), name: try row.text("name"), sku: try row.text("sku"), unit: unit,
                    quantity: Quantity(thousandths: Int64(try row.int("quantity"))), price: Int64(try row.int("price")),
                    total: Int64(try row.int("total"))))
        }
        var history: [String: [OrderRecord.Step]] = [:]
        for row in try parts("SELECT order_id, state, actor, at, note FROM order_history", ids, on: connection) {
            history[try row.text("order_id"), default: []].append(
                OrderRecord.Step(
                    state: try state(row), actor: try row.text("actor"), at: Int64(try row.int("at")), note: try row.text("note")))
        }
        return try rows.map { row in
            let id = try row.text("id")
            guard let currency = Currency(try row.text("currency")) else { throw DatabaseError.decoding("currency") }
            return OrderRecord(
                id: id, buyer: try row.text("buyer"), seller: try row.text("seller"), add: try row.text("add_id"),
                title: try row.text("title"),
                currency: currency, total: Int64(try row.int("total")), state: try state(row),
                paymentProvider: try row.text("payment_provider"),
                paymentReference: try row.optionalText("payment_reference"), isRefundDue: try row.bool("refund_due"),
                note: try row.text("note"),
                created: Int64(try row.int("created")),
                updated: Int64(try row.int("updated")), version: try row.int("version"), lines: lines[id] ?? [], history: history[id] ?? [])
        }
    }

    static func insert(_ order: OrderRecord, on connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO orders (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """,
            [
                SQLValue(order.id), SQLValue(order.buyer), SQLValue(order.seller), SQLValue(order.add), SQLValue(order.title),
                SQLValue(order.currency.code), SQLValue(order.total), SQLValue(order.state.rawValue), SQLValue(order.paymentProvider),
                SQLValue(order.paymentReference), SQLValue(order.isRefundDue), SQLValue(order.note), SQLValue(order.created),
                SQLValue(order.updated), SQLValue(order.version),
            ])
        for (position, line) in order.lines.enumerated() {
            try connection.execute(
                """
                INSERT INTO order_lines (order_id, position, variant_id, name, sku, unit, quantity, price, total)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """,
                [
                    SQLValue(order.id), SQLValue(position), SQLValue(line.variant), SQLValue(line.name), SQLValue(line.sku),
                    SQLValue(line.unit.rawValue), SQLValue(line.quantity.thousandths), SQLValue(line.price), SQLValue(line.total),
                ])
        }
        for position in order.history.indices { try insertStep(order, position, on: connection) }
    }

    /// Writes the state and the last step.
    static func move(_ order: OrderRecord, on connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE orders SET state = $2, payment_reference = $3, refund_due = $4, updated = $5, version = $6 WHERE id = $1",
            [
                SQLValue(order.id), SQLValue(order.state.rawValue), SQLValue(order.paymentReference), SQLValue(order.isRefundDue),
                SQLValue(order.updated), SQLValue(order.version),
            ])
        try insertStep(order, order.history.count - 1, on: connection)
    }

    private static func insertStep(_ order: OrderRecord, _ position: Int, on connection: any SQLConnection) throws {
        let step = order.history[position]
        try connection.execute(
            "INSERT INTO order_history (order_id, position, state, actor, at, note) VALUES ($1, $2, $3, $4, $5, $6)",
            [
                SQLValue(order.id), SQLValue(position), SQLValue(step.state.rawValue), SQLValue(step.actor), SQLValue(step.at),
                SQLValue(step.note),
            ])
    }

    private static func state(_ row: SQLRow) throws -> OrderState {
        guard let state = OrderState(rawValue: try row.text("state")) else { throw DatabaseError.decoding("an order's state") }
        return state
    }

    private static func parts(_ select: String, _ ids: [String], on connection: any SQLConnection) throws -> [SQLRow] {
        guard !ids.isEmpty else { return [] }
        let places = ids.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        return try connection.query("\(select) WHERE order_id IN (\(places)) ORDER BY order_id, position", ids.map { SQLValue($0) })
    }
}
