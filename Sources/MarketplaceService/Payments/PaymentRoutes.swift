import Foundation
import Hummingbird
import NIOCore
import Persistence
import Schemas
import WebAPI

/// `POST /api/payments/webhook/`: what the payment provider has to say.
struct PaymentRoutes: Sendable {
    let core: MarketplaceCore

    private static let limit = 64 * 1024

    var routes: [Route] {
        [
            Route(
                .post, "/api/payments/webhook/", "A payment succeeded, failed or was paid back",
                Endpoint(
                    "orders",
                    details:
                        "For the payment provider: signed by Standard Webhooks. A message that comes again is answered alike and changes nothing.",
                    access: .anyone, scope: AddRoutes.write,
                    body: .raw(
                        "application/json", .object(.required("type", .choice(PaymentNotice.Outcome.self)), .required("data", .object()))),
                    answers: [
                        .noContent, .conflict("The order does not await this"),
                        Endpoint.Answer(404, "There is no such order", APIError.schema),
                    ],
                    isThrottled: false)
            ) { request, _ in try await receive(request) }
        ]
    }

    private func receive(_ request: Request) async throws -> Response {
        var body = ByteBuffer()
        for try await chunk in request.body {
            body.writeImmutableBuffer(chunk)
            guard body.readableBytes <= Self.limit else {
                throw APIError(.contentTooLarge, code: "content_too_large", detail: "The message is larger than \(Self.limit) bytes.")
            }
        }
        let notice: PaymentNotice
        do throws(PaymentNoticeError) {
            notice = try core.payments.notice(headers: request.headers, body: Data(buffer: body), now: Date())
        } catch {
            switch error {
            case .unexpected: throw APIError.notFound
            case .unsigned:
                throw APIError(
                    .unauthorized, code: "authentication_failed", detail: "The message is not signed as it has to be.",
                    headers: [.wwwAuthenticate: "Signature"])
            case .malformed: throw APIError(.badRequest, code: "parse_error", detail: "The body is not what is expected here.")
            }
        }
        try await core.write { [core] connection in
            let isNew = try connection.execute(
                "INSERT INTO payment_notices (id, order_id, received) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
                [SQLValue(notice.id), SQLValue(notice.order), SQLValue(Timestamp.now())])
            guard isNew == 1 else { return }
            guard let order = try OrderTable.find(notice.order, on: connection) else { throw APIError.notFound }
            let amount = Decimal(string: notice.amount).flatMap { Money($0, order.currency) }
            guard order.paymentProvider == core.payments.name, notice.currency == order.currency.code, amount == order.amount else {
                throw APIError(.conflict, code: "payment_mismatch", detail: "Order, amount or currency are not those of the payment.")
            }
            try core.settle(notice, order, on: connection)
        }
        return .noContent
    }
}
