import Foundation
import ServiceTestSupport
import Synchronization
import TestSupport
import Testing
import WebAPI

@Suite struct HealthRoutesTests {
    private struct Broken: Error {}

    /// Stands still until it is let go, as a database that hangs does.
    private final class Standstill: Sendable {
        private let state = Mutex((isOver: false, waiting: [CheckedContinuation<Void, Never>](), asked: 0))
        var asked: Int { state.withLock { $0.asked } }

        func wait() async {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    state.asked += 1
                    if !state.isOver { state.waiting.append(continuation) }
                    return state.isOver
                }
                if isOver { continuation.resume() }
            }
        }

        func end() {
            let waiting = state.withLock { state in
                state.isOver = true
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private func checks(_ answer: HTTPTestClient.Answer) -> [String: [String: String]] {
        answer.json["checks"] as? [String: [String: String]] ?? [:]
    }

    @Test func whatIsNotEssentialIsToldAndNoMore() async throws {
        let checks = [
            HealthCheck("database") { "sqlite" }, HealthCheck("scanner", isEssential: false) { throw Broken() },
        ]
        try await TestServer.run(HealthRoutes(checks: checks, metrics: MetricsRegistry(), patience: Patience.usual).routes) { server in
            let answer = try await HTTPTestClient(server.address).get("/health/ready/")
            #expect(answer.status == 200 && answer.json["status"] as? String == "ok")
            #expect(self.checks(answer)["database"] == ["status": "ok", "detail": "sqlite"])
            #expect(self.checks(answer)["scanner"] == ["status": "failed"], "the error's text is for the log")
        }
    }

    /// It answers all the same, and does not ask what has not answered yet once more.
    @Test func whatHangsHasFailedUntilItAnswers() async throws {
        let database = Standstill()
        let check = HealthCheck("database") {
            await database.wait()
            return "postgresql"
        }
        let routes = HealthRoutes(checks: [check], metrics: MetricsRegistry(), patience: .milliseconds(200)).routes
        try await TestServer.run(routes) { server in
            let client = HTTPTestClient(server.address)
            for _ in 0..<3 {
                let answer = try await client.get("/health/ready/")
                #expect(answer.status == 503 && self.checks(answer)["database"] == ["status": "failed"])
            }
            #expect(database.asked == 1)
            #expect(try await client.get("/health/live/").status == 200)
            database.end()
            let answer = try await client.poll("/health/ready/") { $0.status == 200 }
            #expect(self.checks(answer)["database"] == ["status": "ok", "detail": "postgresql"])
        }
    }

    /// Many ask at once: two load balancers, a person, a probe.
    @Test func allWhoAskAtOnceGetTheOneAnswer() async throws {
        let database = Standstill()
        let check = HealthCheck("database") {
            await database.wait()
            return "postgresql"
        }
        try await TestServer.run(HealthRoutes(checks: [check], metrics: MetricsRegistry(), patience: .seconds(600)).routes) { server in
            let client = HTTPTestClient(server.address)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await client.get("/health/ready/").status } }
                while database.asked == 0 { try await Task.sleep(for: .milliseconds(5)) }
                // Those that come while it is asked, and those that come afterwards.
                try await Task.sleep(for: .milliseconds(100))
                database.end()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 200, count: 8))
        }
    }
}
