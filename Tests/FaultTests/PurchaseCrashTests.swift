import Foundation
import TestSupport
import Testing

/// Purchases while the server is killed again and again.
@Suite struct PurchaseCrashTests {
    /// What a buyer was told is so, and what was asked for several times happened once: no unit is lost, none is sold twice.
    @Test func aKillBetweenAnyTwoStepsLosesAndDoublesNothing() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        // Each start has another port: without a name of its own the server's tokens would be those of another issuer.
        let arguments = [
            "--set", "throttle-user=", "--set", "throttle-anonymous=", "--set", "s3=false", "--set",
            "token-issuer=https://agrovet.example.org",
        ]
        var server = try await AgrovetProcess.start(arguments: arguments, dataFolder: data)
        let units = 400
        let seller = server.token
        let buyer = try await Self.register(HTTPTestClient(server.baseURL))
        let add = try await HTTPTestClient(server.baseURL, token: seller).send(
            .POST, "/api/adds/", json: #"{"title":"Dosis","category":"vaccines","price":"2.50","unit":"dose","stock":\#(units)}"#)
        let id = try #require(add.json["id"] as? String, "\(add.text)")

        var acknowledged: [String: String] = [:]
        var keys: [String] = []
        for round in 0..<6 {
            let client = HTTPTestClient(server.baseURL, token: buyer)
            // Keys whose answers were lost are sent again, with new ones among them.
            let lost = keys.filter { acknowledged[$0] == nil }
            let fresh = (0..<40).map { "round-\(round)-\($0)" }
            keys += fresh
            let (sales, sold) = AsyncStream.makeStream(of: Void.self)
            let killer = Task { [server] in
                if round == 0 {
                    // However slow the machine is, somebody was told something.
                    for await _ in sales { break }
                } else {
                    try? await Task.sleep(for: .milliseconds(Int.random(in: 20...250)))
                }
                await server.kill()
            }
            let wishes = lost + fresh
            let asking = Task {
                // Where nothing was sold, nobody waits for it.
                defer { sold.finish() }
                return await withTaskGroup(of: (String, String?).self, returning: [String: String].self) { group in
                    for key in wishes {
                        group.addTask {
                            let answer = try? await client.request(
                                .POST, "/api/adds/\(id)/purchase/", headers: ["Content-Type": "application/json", "Idempotency-Key": key],
                                body: Data("{}".utf8))
                            if answer?.status == 201 { sold.yield() }
                            return (key, answer?.status == 201 ? answer?.json["id"] as? String : nil)
                        }
                    }
                    return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                }
            }
            await killer.value
            // Nobody is there any more to answer those that wait.
            try await Task.sleep(for: .milliseconds(200))
            asking.cancel()
            let answers = await asking.value
            acknowledged.merge(answers) { first, _ in first }
            server = try await AgrovetProcess.start(arguments: arguments, dataFolder: data)
        }

        // Every key once more, undisturbed: each is an order now, and those that were told of are the same.
        let client = HTTPTestClient(server.baseURL, token: buyer)
        var orders: [String: String] = [:]
        for key in keys {
            let answer = try await client.request(
                .POST, "/api/adds/\(id)/purchase/", headers: ["Content-Type": "application/json", "Idempotency-Key": key],
                body: Data("{}".utf8))
            #expect(answer.status == 201, "\(answer.text)")
            orders[key] = answer.json["id"] as? String
        }
        #expect(Set(orders.values).count == keys.count)
        for (key, order) in acknowledged { #expect(orders[key] == order) }
        let left = try await client.get("/api/adds/\(id)/")
        #expect(left.json["stock"] as? String == "\(units - keys.count)")
        #expect(!acknowledged.isEmpty)

        // Every sale is told once.
        let told = try await client.poll("/health/") { $0.status == 200 }
        #expect(told.status == 200)
        let result = try await Self.soldOrders(data, atLeast: keys.count)
        #expect(result.count == keys.count && Set(result) == Set(orders.values))
        await server.stop()
    }

    private static func register(_ client: HTTPTestClient) async throws -> String {
        let answer = try await client.send(
            .POST, "/api/auth/register/", json: #"{"username":"mateo","password":"un caballo muy fuerte 27","role":"Specialist"}"#)
        return try #require(answer.json["access"] as? String, "\(answer.text)")
    }

    private static func soldOrders(_ data: String, atLeast count: Int) async throws -> [String] {
        var orders: [String] = []
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline {
            let result = try await ChildProcess.run(
                Executables.agrovet,
                ["events", "tail", "marketplace.events", "--from", "beginning", "--type", "add.sold", "--json", "--data", data])
            orders = result.output.split(separator: "\n").compactMap { line -> String? in
                let logged = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return ((logged?["event"] as? [String: Any])?["data"] as? [String: Any])?["order"] as? String
            }
            if orders.count >= count { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        return orders
    }
}
