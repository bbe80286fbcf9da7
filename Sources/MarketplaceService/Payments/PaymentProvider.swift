import Foundation
import HTTPTypes
import Schemas

/// How buyers pay. Money is moved by others; the marketplace hears that it was.
public protocol PaymentProvider: Sendable {
    /// In orders, such as `offline`.
    var name: String { get }
    /// Where the buyer of an order pays; nil where that is between buyer and seller.
    func address(order: String, amount: Money) -> String?
    /// Whether sellers say themselves that they were paid, and that they paid back.
    var sellerConfirms: Bool { get }
    /// Reads what the provider sends.
    /// - Throws: `PaymentNoticeError`.
    func notice(headers: HTTPFields, body: Data, now: Date) throws(PaymentNoticeError) -> PaymentNotice
}

/// What a provider says of an order's payment.
public struct PaymentNotice: Sendable, Hashable {
    public enum Outcome: String, Sendable, CaseIterable {
        case succeeded = "payment.succeeded"
        case failed = "payment.failed"
        case refunded = "payment.refunded"
    }

    /// Of the message: one that comes again changes nothing.
    public let id: String
    public let outcome: Outcome
    public let order: String
    /// As the provider calls the payment.
    public let reference: String
    /// In text, such as `12.50`, with its currency's code.
    public let amount: String
    public let currency: String
}

public enum PaymentNoticeError: Error, Sendable, Equatable {
    /// This provider sends nothing.
    case unexpected
    /// Signed by somebody else, or too long ago.
    case unsigned
    case malformed
}

/// Buyer and seller settle it between themselves: in cash, by a transfer.
public struct OfflinePayment: PaymentProvider {
    public let name = "offline"
    public let sellerConfirms = true

    public init() {}

    public func address(order: String, amount: Money) -> String? { nil }

    public func notice(headers: HTTPFields, body: Data, now: Date) throws(PaymentNoticeError) -> PaymentNotice { throw .unexpected }
}
