/// Where an order stands.
enum OrderState: String, Sendable, CaseIterable {
    /// The stock is taken, the payment is awaited.
    case pending
    case paid
    case shipped
    case delivered
    /// The stock is back.
    case cancelled
    /// The money is back; so is the stock, unless it had been shipped.
    case refunded
}

/// Who moves an order.
enum OrderActor: Sendable, Hashable {
    case buyer
    case seller
    case staff
    /// The payment provider.
    case payment
    /// The clock.
    case system
}

/// The state machine of orders: what follows on what, and who may say so. A pure value.
struct OrderTransition: Sendable, Hashable {
    let from: OrderState
    let to: OrderState
    let actors: Set<OrderActor>
    /// Whether what the order took goes back to the stock.
    let returnsStock: Bool

    static let all: [OrderTransition] = [
        OrderTransition(from: .pending, to: .paid, actors: [.seller, .staff, .payment], returnsStock: false),
        OrderTransition(from: .pending, to: .cancelled, actors: [.buyer, .seller, .staff, .payment, .system], returnsStock: true),
        OrderTransition(from: .paid, to: .shipped, actors: [.seller, .staff], returnsStock: false),
        OrderTransition(from: .paid, to: .refunded, actors: [.seller, .staff, .payment], returnsStock: true),
        OrderTransition(from: .shipped, to: .delivered, actors: [.buyer, .seller, .staff], returnsStock: false),
        OrderTransition(from: .shipped, to: .refunded, actors: [.seller, .staff, .payment], returnsStock: false),
        OrderTransition(from: .delivered, to: .refunded, actors: [.seller, .staff, .payment], returnsStock: false),
    ]

    static func find(_ from: OrderState, _ to: OrderState) -> OrderTransition? { all.first { $0.from == from && $0.to == to } }
}
