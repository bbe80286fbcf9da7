import Persistence
import WebAPI

extension MarketplaceCore {
    /// Takes over what the provider says of an order's payment. Money that came is never passed over: where the order awaits none, it is
    /// noted as due back, for staff and the provider to see to.
    /// - Throws: `APIError` 409 where an order that was not paid was paid back.
    func settle(_ notice: PaymentNotice, _ order: OrderRecord, on connection: any SQLConnection) throws {
        switch notice.outcome {
        case .succeeded where order.state == .pending:
            _ = try move(order, to: .paid, by: .payment, Self.payment, note: "", reference: notice.reference, on: connection)
        case .succeeded where notice.reference == order.paymentReference:
            // The same payment, told in another message.
            break
        case .succeeded:
            logger.warning("a payment has to go back", metadata: ["order": "\(order.id)", "reference": "\(notice.reference)"])
            var order = order
            order.isRefundDue = true
            order.paymentReference = order.paymentReference ?? notice.reference
            try note("Payment \(notice.reference) was not awaited and has to go back.", &order, on: connection)
        case .failed where order.state == .pending:
            // Another card may do, until payment-timeout.
            var order = order
            try note("Payment \(notice.reference) failed.", &order, on: connection)
        case .failed:
            break
        case .refunded where order.isRefundDue && (order.state == .cancelled || notice.reference != order.paymentReference):
            var order = order
            order.isRefundDue = false
            try note("Payment \(notice.reference) went back.", &order, on: connection)
        case .refunded:
            _ = try move(order, to: .refunded, by: .payment, Self.payment, note: "", reference: notice.reference, on: connection)
        }
    }

    /// Who acts, in an order's history.
    private static let payment = "payment"

    /// A step of the history that leaves the state as it is.
    private func note(_ text: String, _ order: inout OrderRecord, on connection: any SQLConnection) throws {
        order.updated = Timestamp.now()
        order.version += 1
        order.history.append(OrderRecord.Step(state: order.state, actor: Self.payment, at: order.updated, note: text))
        try OrderTable.move(order, on: connection)
    }
}
