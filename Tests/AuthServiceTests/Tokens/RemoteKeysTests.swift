import AuthService
import Foundation
import Hummingbird
import Logging
import ServiceTestSupport
import Synchronization
import Testing
import WebAPI

@Suite struct RemoteKeysTests {
    private final class Counter: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func add() { count.withLock { $0 += 1 } }
    }

    @Test func keysAreFetchedOnceAndAgainForOneThatIsNotKnown() async throws {
        let auth = try await TestAuth()
        let fetches = Counter()
        let route = Route(.get, "/jwks.json", "Keys") { _, _ in
            fetches.add()
            return .json(.ok, try await auth.ring.jwks())
        }
        try await TestServer.run([route]) { server in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let keys = RemoteVerificationKeys(
                url: server.address + "/jwks.json", pause: .seconds(86_400), timeout: .seconds(120), logger: logger)
            let id = try await auth.ring.rotate()
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { try await keys.key(id) != nil } }
                for try await isFound in group { #expect(isFound) }
            }
            #expect(fetches.value == 1, "many who come at once wait for one")
            // Whoever makes ids up does not have them fetched each time.
            for number in 0..<50 { #expect(try await keys.key("made up \(number)") == nil) }
            #expect(fetches.value == 1)
            #expect(try await keys.key(try await auth.ring.rotate()) == nil, "not before the pause is over")
            #expect(fetches.value == 1)

            let quick = RemoteVerificationKeys(
                url: server.address + "/jwks.json", pause: .zero, timeout: .seconds(120), logger: logger)
            #expect(try await quick.key(id) != nil)
            #expect(try await quick.key(id) != nil)
            #expect(fetches.value == 2)
            #expect(try await quick.key(try await auth.ring.rotate()) != nil)
            #expect(fetches.value == 3)
        }
    }

    @Test func withoutKeysNothingCanBeTold() async throws {
        let keys = RemoteVerificationKeys(
            url: "http://127.0.0.1:1/jwks.json", timeout: .seconds(2), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let error = await #expect(throws: APIError.self) { try await keys.key("any") }
        #expect(error?.status == .serviceUnavailable)
    }

    @Test func whatIsNoKeyOfOursIsPassedOver() async throws {
        let text = """
            {"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"a","alg":"HS256"},{"kty":"RSA","kid":"b"},7,{},
            {"kty":"EC","crv":"P-384","x":"AA","y":"AA","kid":"c","alg":"ES384"}]}
            """
        let keys = try await VerificationKeys(jwks: text)
        for id in ["a", "b", "c"] { #expect(keys[id] == nil) }
        await #expect(throws: (any Error).self) { try await VerificationKeys(jwks: "[]") }
    }
}
