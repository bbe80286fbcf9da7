import Crypto
import Foundation
import MarketplaceService
import Persistence
import TestSupport
import Testing
import WebAPI

enum MarketplaceSettingsForTests {
    static var quick: MarketplaceSettings {
        var settings = MarketplaceSettings()
        settings.interval = .milliseconds(50)
        return settings
    }
}

@Suite struct OrderTests {
    /// The whole rate of a race: exactly what there is is sold, and nobody gets an answer but yes or no.
    @Test(arguments: SQLDialect.allCases)
    func twoHundredBuyersRaceForTenUnits(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect, buyers: 200) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers)["id"] as? String)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask { try await fair.buy(id, by: HTTPTestClient(fair.address, token: "buyer-\(number)")).status }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [201: 10, 409: 190])
            let orders = try await fair.bench.database.read { try $0.query("SELECT COUNT(*) AS n FROM orders")[0].int("n") }
            #expect(orders == 10)
            let add = try await fair.add(id)
            #expect(add["stock"] as? String == "0" && add["state"] as? String == "sold")
            #expect(try await fair.ana.get("/api/orders/?role=seller&page_size=50").json["results"].map { ($0 as? [Any])?.count } == 10)
            let isTold = try await fair.bench.eventually {
                try await fair.bench.events("marketplace.events").filter { $0.type == "add.sold" }.count == 10
            }
            #expect(isTold)
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func anOrderKeepsWhatWasBoughtAndGoesItsWay(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let add = try await fair.post(
                #"{"title":"Leche","category":"produce","currency":"USD","variants":[{"name":"Cruda","price":"0.45","unit":"litre","stock":"100.5"},{"name":"Queso","price":"7.10","unit":"kg","stock":"3"}]}"#
            )
            let id = try #require(add["id"] as? String)
            let variants = try #require(add["variants"] as? [[String: Any]]).compactMap { $0["id"] as? String }
            let key = UUIDv7.make()
            let json =
                #"{"lines":[{"variant":"\#(variants[0])","quantity":"10.333"},{"variant":"\#(variants[1])","quantity":2}],"note":"Por la mañana"}"#
            let bought = try await fair.buy(id, key: key, json)
            #expect(bought.status == 201, "\(bought.text)")
            // 10.333 × 0.45 = 4.64985, and 14.20.
            #expect(bought.json["total"] as? String == "18.85")
            #expect(try await fair.buy(id, key: key, json).text == bought.text)
            #expect(try await fair.buy(id, key: key, "{}").status == 422)
            let order = try #require(bought.json["id"] as? String)
            #expect((try await fair.add(id)["variants"] as? [[String: Any]])?.map { $0["stock"] as? String } == ["90.167", "1"])

            // What the seller changes afterwards changes nothing of the order.
            #expect(try await fair.ana.send(.PATCH, "/api/adds/\(id)/", json: #"{"title":"Otra leche"}"#).status == 200)
            let seen = try await fair.vet.get("/api/orders/\(order)/")
            #expect(seen.json["title"] as? String == "Leche" && seen.json["note"] as? String == "Por la mañana")
            #expect(try await fair.eva.get("/api/orders/\(order)/").status == 404)
            #expect(try await fair.staff.get("/api/orders/\(order)/").status == 200)
            #expect(try await fair.nobody.get("/api/orders/\(order)/").status == 401)

            #expect(try await fair.move(order, "ship", by: fair.ana).status == 409)
            #expect(try await fair.move(order, "pay", by: fair.vet).status == 403)
            #expect(try await fair.move(order, "pay", by: fair.eva).status == 404)
            #expect(try await fair.move(order, "pay", by: fair.ana, #"{"note":"En efectivo"}"#).status == 200)
            #expect(try await fair.move(order, "cancel", by: fair.vet).status == 409)
            #expect(try await fair.move(order, "ship", by: fair.vet).status == 403)
            #expect(try await fair.move(order, "ship", by: fair.ana).status == 200)
            let delivered = try await fair.move(order, "deliver", by: fair.vet)
            #expect(delivered.json["state"] as? String == "delivered")
            let history = delivered.json["history"] as? [[String: Any]] ?? []
            #expect(history.map { $0["state"] as? String } == ["pending", "paid", "shipped", "delivered"])
            #expect(history[1]["note"] as? String == "En efectivo" && history[1]["actor"] as? String == Fair.ana.subject)
            #expect(try await fair.move(order, "deliver", by: fair.vet).status == 409)
            #expect(try await fair.vet.get("/api/orders/?role=buyer&state=delivered").json["results"].map { ($0 as? [Any])?.count } == 1)
            #expect(try await fair.vet.get("/api/orders/?role=seller").json["results"].map { ($0 as? [Any])?.count } == 0)
        }
    }

    /// An answer that got lost is asked for again: the move is not done twice, nor refused because it is done.
    @Test(arguments: SQLDialect.allCases)
    func aRepeatedMoveAndARepeatedAdAreAnsweredAlike(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            func repeated(_ path: String, _ json: String, _ client: HTTPTestClient) async throws -> [HTTPTestClient.Answer] {
                let headers = ["Content-Type": "application/json", "Idempotency-Key": UUIDv7.make()]
                return try await withThrowingTaskGroup(of: HTTPTestClient.Answer.self) { group in
                    for _ in 1...4 {
                        group.addTask { try await client.request(.POST, path, headers: headers, body: Data(json.utf8)) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            let posted = try await repeated("/api/adds/", Fair.heifers, fair.ana)
            #expect(Set(posted.map(\.text)).count == 1 && posted.allSatisfy { $0.status == 201 && $0["location"] != nil })
            #expect(try await fair.titles("").count == 1)
            let id = try #require(posted[0].json["id"] as? String)
            let order = try #require(try await fair.buy(id, #"{"quantity":4}"#).json["id"] as? String)
            #expect(try await fair.add(id)["stock"] as? String == "6")
            let cancelled = try await repeated("/api/orders/\(order)/cancel/", "{}", fair.vet)
            #expect(cancelled.allSatisfy { $0.status == 200 } && Set(cancelled.map(\.text)).count == 1)
            #expect(Set(cancelled.map { $0["etag"] }).count == 1)
            #expect(try await fair.add(id)["stock"] as? String == "10")
            #expect(try await fair.move(order, "cancel", by: fair.vet).status == 409)
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func whatIsCancelledGoesBackToTheStock(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers)["id"] as? String)
            let bought = try await fair.buy(id, #"{"quantity":10}"#)
            #expect(bought.status == 201 && bought.json["total"] as? String == "12000.00")
            #expect(try await fair.add(id)["state"] as? String == "sold")
            let late = try await fair.buy(id, by: fair.eva)
            #expect(late.status == 409 && late.json["code"] as? String == "out_of_stock")
            let order = try #require(bought.json["id"] as? String)
            #expect(try await fair.move(order, "cancel", by: fair.vet).json["state"] as? String == "cancelled")
            #expect(try await fair.move(order, "cancel", by: fair.vet).status == 409)
            let add = try await fair.add(id)
            #expect(add["stock"] as? String == "10" && add["state"] as? String == "published")
            #expect(try await fair.buy(id, by: fair.eva).status == 201)
            // What was shipped and paid back is not on the shelf.
            let second = try #require(try await fair.buy(id, #"{"quantity":2}"#).json["id"] as? String)
            for verb in ["pay", "ship", "refund"] { #expect(try await fair.move(second, verb, by: fair.ana).status == 200, "\(verb)") }
            #expect(try await fair.add(id)["stock"] as? String == "7")
        }
    }

    @Test func whatCannotBeBoughtIsRefused() async throws {
        try await Fair.open(.sqlite) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers)["id"] as? String)
            #expect(try await fair.buy(id, by: fair.ana).json["code"] as? String == "own_add")
            #expect(try await fair.buy(id, by: fair.nobody).status == 401)
            #expect(try await fair.vet.send(.POST, "/api/adds/\(id)/purchase/", json: "{}").status == 400)
            for (json, status) in [
                (#"{"quantity":0}"#, 400), (#"{"quantity":-1}"#, 400), (#"{"quantity":1.5}"#, 400), (#"{"quantity":"x"}"#, 400),
                (#"{"quantity":11}"#, 409), (#"{"variant":"\#(UUIDv7.make())"}"#, 400), (#"{"quantity":1e30}"#, 400),
                (#"{"lines":[]}"#, 400),
            ] { #expect(try await fair.buy(id, json).status == status, "\(json)") }
            #expect(try await fair.buy(UUIDv7.make()).status == 404)
            #expect(try await fair.ana.request(.POST, "/api/adds/\(id)/pause/").status == 200)
            #expect(try await fair.buy(id).status == 404)
            #expect(try await fair.add(id)["stock"] as? String == "10")
        }
    }

    @Test func whatIsNotPaidInTimeIsCancelled() async throws {
        var settings = MarketplaceSettingsForTests.quick
        settings.paymentTimeout = .milliseconds(200)
        try await Fair.open(.sqlite, settings: settings) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers)["id"] as? String)
            let order = try #require(try await fair.buy(id).json["id"] as? String)
            #expect(
                try await fair.bench.eventually { try await fair.vet.get("/api/orders/\(order)/").json["state"] as? String == "cancelled" })
            #expect(try await fair.add(id)["stock"] as? String == "10")
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func aProviderSaysBySignedMessagesHowThePaymentWent(_ dialect: SQLDialect) async throws {
        let secret = WebhookSecret()
        let payments = WebhookPayment(page: "https://pay.example.org/{order}?amount={amount}&currency={currency}", secret: secret)
        try await Fair.open(dialect, payments: payments) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers)["id"] as? String)
            let bought = try await fair.buy(id)
            let order = try #require(bought.json["id"] as? String)
            #expect(
                (bought.json["payment"] as? [String: Any])?["url"] as? String
                    == "https://pay.example.org/\(order)?amount=1200.00&currency=USD")
            // The seller's word is not enough here.
            #expect(try await fair.move(order, "pay", by: fair.ana).status == 403)

            func tell(
                _ type: String, id: String = UUIDv7.make(), amount: String = "1200", currency: String = "USD", order other: String? = nil,
                secret key: WebhookSecret? = nil, age: Int = 0, tampered: Bool = false
            ) async throws -> Int {
                let body =
                    #"{"type":"\#(type)","data":{"order":"\#(other ?? order)","reference":"pay_1","amount":"\#(amount)","currency":"\#(currency)"}}"#
                let time = Int(Date().timeIntervalSince1970) - age
                let headers = [
                    "Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": "\(time)",
                    "webhook-signature": "v1,bm9uZQ== " + (key ?? secret).signature(id: id, timestamp: time, body: body),
                ]
                return try await fair.nobody.request(
                    .POST, "/api/payments/webhook/", headers: headers, body: Data((tampered ? body + " " : body).utf8)
                ).status
            }
            #expect(try await tell("payment.succeeded", secret: WebhookSecret()) == 401)
            #expect(try await tell("payment.succeeded", age: 400) == 401)
            #expect(try await tell("payment.succeeded", tampered: true) == 401)
            #expect(try await fair.nobody.send(.POST, "/api/payments/webhook/", json: "{}").status == 401)
            #expect(try await tell("payment.succeeded", amount: "1199.99") == 409)
            #expect(try await tell("payment.succeeded", currency: "EUR") == 409)
            #expect(try await tell("payment.exploded") == 400)
            #expect(try await tell("payment.succeeded", order: UUIDv7.make()) == 404)
            #expect(try await fair.vet.get("/api/orders/\(order)/").json["state"] as? String == "pending")
            #expect(try await tell("payment.succeeded", id: "m1") == 204)
            #expect(try await tell("payment.succeeded", id: "m1") == 204)
            let paid = try await fair.vet.get("/api/orders/\(order)/")
            #expect(paid.json["state"] as? String == "paid" && (paid.json["payment"] as? [String: Any])?["reference"] as? String == "pay_1")
            // The same payment in another message, and a failure that came late, change nothing.
            #expect(try await tell("payment.succeeded", id: "m2") == 204)
            #expect(try await tell("payment.failed") == 204)
            #expect(try await fair.vet.get("/api/orders/\(order)/").text == paid.text)
            #expect(try await tell("payment.refunded", id: "m3") == 204)
            #expect(try await fair.add(id)["stock"] as? String == "10")
            #expect(try await tell("payment.refunded") == 409)
        }
    }

    /// The provider has the money: whatever became of the order, it is not lost from sight.
    @Test(arguments: SQLDialect.allCases)
    func moneyThatWasNotAwaitedIsDueBack(_ dialect: SQLDialect) async throws {
        let secret = WebhookSecret()
        let payments = WebhookPayment(page: "https://pay.example.org/{order}", secret: secret)
        try await Fair.open(dialect, payments: payments) { (fair: Fair) async throws -> Void in
            func tell(_ type: String, _ reference: String, _ order: String) async throws -> Int {
                let body =
                    #"{"type":"payment.\#(type)","data":{"order":"\#(order)","reference":"\#(reference)","amount":"1200","currency":"USD"}}"#
                let (id, time) = (UUIDv7.make(), Int(Date().timeIntervalSince1970))
                let headers = [
                    "Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": "\(time)",
                    "webhook-signature": secret.signature(id: id, timestamp: time, body: body),
                ]
                return try await fair.nobody.request(.POST, "/api/payments/webhook/", headers: headers, body: Data(body.utf8)).status
            }
            func order(_ id: String) async throws -> (state: String?, isDue: Bool?, notes: [String]) {
                let json = try await fair.vet.get("/api/orders/\(id)/").json
                let notes = (json["history"] as? [[String: Any]] ?? []).compactMap { $0["note"] as? String }
                return (json["state"] as? String, (json["payment"] as? [String: Any])?["refund_due"] as? Bool, notes)
            }
            let id = try #require(try await fair.post(Fair.heifers)["id"] as? String)
            let first = try #require(try await fair.buy(id).json["id"] as? String)
            #expect(try await tell("failed", "card-1", first) == 204)
            var seen = try await order(first)
            #expect(seen.state == "pending" && seen.isDue == false && seen.notes.last == "Payment card-1 failed.")
            #expect(try await fair.move(first, "cancel", by: fair.vet).status == 200)
            #expect(try await tell("succeeded", "card-2", first) == 204)
            seen = try await order(first)
            #expect(seen.state == "cancelled" && seen.isDue == true && seen.notes.last?.contains("card-2") == true)
            #expect(try await fair.add(id)["stock"] as? String == "10")
            func due(_ client: HTTPTestClient) async throws -> [String] {
                let answer = try await client.get("/api/orders/?refund_due=true")
                return (answer.json["results"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
            }
            #expect(try await due(fair.staff) == [first])
            #expect(try await due(fair.vet) == [first])
            #expect(try await due(fair.eva) == [])
            #expect(try await tell("refunded", "card-2", first) == 204)
            #expect(try await order(first).isDue == false)
            #expect(try await due(fair.staff) == [])

            // Paid twice: one of both goes back, the order goes on.
            let second = try #require(try await fair.buy(id).json["id"] as? String)
            #expect(try await tell("succeeded", "card-3", second) == 204)
            #expect(try await tell("succeeded", "card-4", second) == 204)
            seen = try await order(second)
            #expect(seen.state == "paid" && seen.isDue == true)
            #expect(try await tell("refunded", "card-4", second) == 204)
            seen = try await order(second)
            #expect(seen.state == "paid" && seen.isDue == false)
            #expect(try await tell("refunded", "card-3", second) == 204)
            #expect(try await order(second).state == "refunded")
        }
    }

    /// What was taken in kilograms does not come back as heads.
    @Test(arguments: SQLDialect.allCases)
    func aVariantInAnotherUnitIsAnother(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let add = try await fair.post(#"{"title":"Queso","category":"produce","price":"7","unit":"kg","stock":"3","currency":"USD"}"#)
            let id = try #require(add["id"] as? String)
            let order = try #require(try await fair.buy(id, #"{"quantity":"0.5"}"#).json["id"] as? String)
            let silent = try await fair.ana.send(.PATCH, "/api/adds/\(id)/", json: #"{"unit":"head"}"#)
            #expect(silent.status == 400 && silent.json["stock"] != nil)
            let changed = try await fair.ana.send(.PATCH, "/api/adds/\(id)/", json: #"{"unit":"head","stock":"2"}"#)
            #expect(changed.status == 200, "\(changed.text)")
            #expect(try await fair.move(order, "cancel", by: fair.vet).status == 200)
            #expect(try await fair.add(id)["stock"] as? String == "2")
        }
    }

    /// Whoever is shut out sells nothing, whatever comes back to the stock meanwhile.
    @Test(arguments: SQLDialect.allCases)
    func whatADisabledSellerSoldDoesNotComeBackOnSale(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            let id = try #require(try await fair.post(Fair.heifers)["id"] as? String)
            let order = try #require(try await fair.buy(id, #"{"quantity":10}"#).json["id"] as? String)
            #expect(try await fair.add(id)["state"] as? String == "sold")
            try await fair.bench.tell(
                "user.updated", "user.events", Fair.ana.subject,
                ["id": .string(Fair.ana.subject), "username": "ana", "display_name": "Ana", "roles": ["Businessman"], "is_active": false])
            #expect(try await fair.bench.eventually { try await fair.add(id)["state"] as? String == "paused" })
            #expect(try await fair.move(order, "cancel", by: fair.vet).status == 200)
            #expect(try await fair.add(id)["state"] as? String == "paused")
            #expect(try await fair.titles("") == [])
            #expect(try await fair.buy(id, by: fair.eva).status == 404)
        }
    }

    @Test func withoutAProviderNobodyTellsOfPayments() async throws {
        try await Fair.open(.sqlite) { (fair: Fair) async throws -> Void in
            #expect(try await fair.nobody.send(.POST, "/api/payments/webhook/", json: "{}").status == 404)
        }
    }
}
