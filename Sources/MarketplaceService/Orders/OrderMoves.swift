import Foundation
import Persistence
import Schemas
import WebAPI

extension MarketplaceCore {
    /// Moves an order on, and puts back what it took where that is due.
    /// - Throws: `APIError` 409 where its state or the actor does not allow it.
    func move(
        _ order: OrderRecord, to state: OrderState, by actor: OrderActor, _ name: String, note: String, reference: String? = nil,
        on connection: any SQLConnection
    ) throws -> OrderRecord {
        guard let transition = OrderTransition.find(order.state, state) else {
            throw APIError(
                .conflict, code: "invalid_state", detail: "An order that is \(order.state.rawValue) cannot become \(state.rawValue).")
        }
        guard transition.actors.contains(actor) else { throw APIError.permissionDenied }
        var moved = order
        let now = Timestamp.now()
        moved.state = state
        moved.updated = now
        moved.version += 1
        moved.paymentReference = reference ?? order.paymentReference
        moved.history.append(OrderRecord.Step(state: state, actor: name, at: now, note: note))
        try OrderTable.move(moved, on: connection)
        if transition.returnsStock { try putBack(order, on: connection) }
        return moved
    }

    /// A variant, or a whole ad, may be gone by now: then there is nothing to put back to.
    private func putBack(_ order: OrderRecord, on connection: any SQLConnection) throws {
        guard var add = try AddTable.find(order.add, on: connection) else { return }
        var hasChanged = false
        for line in order.lines {
            if try AddTable.changeStock(line.variant, of: add.id, by: line.quantity.thousandths, on: connection) { hasChanged = true }
        }
        guard hasChanged, let current = try AddTable.find(add.id, on: connection) else { return }
        add = current
        if add.state == .sold { add.state = .published }
        try stockChanged(&add, on: connection)
    }

    /// Writes what follows on a change of the stock, and tells it.
    func stockChanged(_ add: inout AddRecord, on connection: any SQLConnection) throws {
        add.updated = Timestamp.now()
        add.version += 1
        try connection.execute(
            "UPDATE adds SET state = $2, updated = $3, version = $4 WHERE id = $1",
            [SQLValue(add.id), SQLValue(add.state.rawValue), SQLValue(add.updated), SQLValue(add.version)])
        try emit("add.updated", add.id, add.event, on: connection)
    }
}
