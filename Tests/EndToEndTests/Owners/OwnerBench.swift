import Foundation
import TestSupport
import Testing

/// A town where people have media, addresses to upload to and webhooks, and where somebody leaves.
struct OwnerBench: Sendable {
    let town: Town
    let receiver: WebhookReceiver
    let photo = try! Data(contentsOf: URL(fileURLWithPath: Executables.sample("gray.jpg")))

    static func start(_ houses: Town.Houses) async throws -> OwnerBench {
        // What fails is tried again soon, as often as may be.
        let waits = Array(repeating: "2s", count: 50).joined(separator: ",")
        return OwnerBench(
            town: try await Town.start(houses, arguments: ["--set", "webhook-allow=127.0.0.1", "--set", "webhook-retries=\(waits)"]),
            receiver: try await WebhookReceiver.shared.value)
    }

    func upload(_ citizen: Citizen, visibility: String = "public") async throws -> String {
        let answer = try await citizen.media.upload(
            [("vaca.jpg", photo)], fields: ["visibility": visibility], headers: ["Prefer": "wait=30"])
        return try #require(answer.json["id"] as? String, "\(answer.text)")
    }

    /// An address that takes an upload of the citizen's for an hour.
    func address(_ citizen: Citizen) async throws -> String {
        let answer = try await citizen.media.send(.POST, "/api/media/presign/", json: #"{"filename": "toro.jpg", "expires_in": 3600}"#)
        return try #require(answer.json["url"] as? String, "\(answer.text)")
    }

    func put(_ address: String, _ bytes: Data) async throws -> HTTPTestClient.Answer {
        try await HTTPTestClient("").request(.PUT, address, headers: ["Content-Type": "image/jpeg"], body: bytes)
    }

    /// Asks, with what is no photo and uses no address up, until the answer has the status.
    func wait(for status: Int, at address: String) async throws -> HTTPTestClient.Answer {
        let deadline = ContinuousClock.now + Patience.usual
        while true {
            let answer = try await put(address, Data("no photo".utf8))
            if answer.status == status || ContinuousClock.now > deadline { return answer }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Makes a webhook of the citizen's; the name that its messages are kept under.
    func webhook(_ citizen: Citizen, _ behaviour: String = "ok") async throws -> String {
        let name = UUID().uuidString
        let answer = try await citizen.media.send(
            .POST, "/api/media/webhooks/", json: #"{"url": "\#(receiver.url("\(name)/\(behaviour)"))"}"#)
        try #require(answer.status == 201, "\(answer.text)")
        return name
    }

    /// Waits until a webhook was told of an item.
    func told(_ name: String, _ type: String, of item: String) async throws -> Bool {
        func isIt(_ message: WebhookReceiver.Message) -> Bool { message.type == type && message.data["id"] as? String == item }
        return try await receiver.messages(name) { $0.contains(where: isIt) }.contains(where: isIt)
    }

    /// Whether a webhook was told anything of an item so far.
    func wasTold(_ name: String, of item: String) -> Bool {
        receiver.messages(name).contains { $0.data["id"] as? String == item }
    }

    func setActive(_ citizen: Citizen, _ isActive: Bool) async throws {
        let answer = try await town.staff.auth.send(.PATCH, "/api/auth/users/\(citizen.id)/", json: #"{"is_active": \#(isActive)}"#)
        #expect(answer.status == 200, "\(answer.text)")
    }
}
