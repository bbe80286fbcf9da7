import Foundation
import HTTPTypes
import Schemas
import WebAPI

/// A provider with a page of its own, that tells how it went by signed messages (Standard Webhooks).
public struct WebhookPayment: PaymentProvider {
    public let name = "webhook"
    public let sellerConfirms = false
    private let page: String
    private let secret: WebhookSecret

    /// - Parameters:
    ///   - page: where buyers pay; `{order}`, `{amount}` and `{currency}` in it are filled in.
    ///   - secret: that the provider signs with.
    public init(page: String, secret: WebhookSecret) {
        self.page = page
        self.secret = secret
    }

    public func address(order: String, amount: Money) -> String? {
        page.replacing("{order}", with: order).replacing("{amount}", with: amount.text).replacing("{currency}", with: amount.currency.code)
    }

    private static let (id, timestamp, signature) =
        (HTTPField.Name("webhook-id")!, HTTPField.Name("webhook-timestamp")!, HTTPField.Name("webhook-signature")!)

    /// `{"type": "payment.succeeded", "data": {"order", "reference", "amount", "currency"}}`.
    private static let schema = JSONSchema.object(
        .required("type", .choice(PaymentNotice.Outcome.self)),
        .required(
            "data",
            .object(
                .required("order", .uuid), .required("reference", .string(1...200)), .required("amount", .string(format: .decimal)),
                .required("currency", .choice(Currency.codes)))))

    public func notice(headers: HTTPFields, body: Data, now: Date) throws(PaymentNoticeError) -> PaymentNotice {
        guard let id = headers[Self.id], (1...200).contains(id.utf8.count), let timestamp = headers[Self.timestamp],
            let signature = headers[Self.signature],
            secret.verifies(signature, id: id, timestamp: timestamp, body: body, now: now)
        else { throw .unsigned }
        guard let message = try? JSONValue(parsing: body), Self.schema.accepts(message),
            let outcome = message["type"]?.string.flatMap(PaymentNotice.Outcome.init), let data = message["data"]
        else { throw .malformed }
        func text(_ name: String) -> String { data[name]?.string ?? "" }
        return PaymentNotice(
            id: id, outcome: outcome, order: text("order").lowercased(), reference: text("reference"), amount: text("amount"),
            currency: text("currency"))
    }
}
