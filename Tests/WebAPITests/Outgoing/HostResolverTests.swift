import Testing
import WebAPI

@Suite struct HostResolverTests {
    /// Every notation that the system's resolver understands becomes the address that it means, before it is checked.
    @Test(arguments: [
        "127.0.0.1", "2130706433", "0x7f000001", "0x7F.1", "0177.0.0.1", "0177.0.0.01", "127.1", "127.0.1", "0x7f.0x0.0x0.0x1",
        "017700000001", "localhost", "LOCALHOST",
    ])
    func everyNotationOfLoopbackIsLoopback(_ host: String) async throws {
        #expect(HostName(host) != nil)
        let addresses = try await HostResolver.addresses(of: host)
        #expect(!addresses.isEmpty)
        #expect(addresses.allSatisfy { !$0.isPublic }, "\(addresses)")
        await #expect(throws: AddressPolicy.Refusal.forbidden) { try await AddressPolicy().destination(of: host) }
    }

    @Test(arguments: [
        ("0", "0.0.0.0"), ("2852039166", "169.254.169.254"), ("0xa9fea9fe", "169.254.169.254"), ("0300.0250.1", "192.168.0.1"),
    ])
    func otherNumbersAreWhatTheyMean(_ host: String, _ meaning: String) async throws {
        #expect(try await HostResolver.addresses(of: host).map(\.description) == [meaning])
    }

    @Test func aNameThatDoesNotExistHasNoAddress() async throws {
        #expect(try await HostResolver.addresses(of: "does-not-exist.invalid") == [])
    }

    @Test func itEndsWithItsTask() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await HostResolver.addresses(of: "does-not-exist.invalid")
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
