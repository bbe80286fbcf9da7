import AsyncHTTPClient
import TestSupport
import Testing
import WebAPI

@Suite struct PinnedClientTests {
    /// A name that no resolver knows: what answers can only be the address that was handed over.
    @Test func theConnectionGoesToTheAddressThatWasCheckedAndKeepsTheName() async throws {
        let source = try await ImportSource.start()
        let address = try #require(IPAddress("127.0.0.1"))
        for host in ["pinned.invalid", "Pinned.Invalid"] {
            let text = try await PinnedClient.lend(for: host, at: address, connectTimeout: .seconds(180)) { client in
                let request = HTTPClientRequest(url: "http://\(host):\(source.port)/seen?pinned")
                return String(buffer: try await client.execute(request, timeout: .seconds(180)).body.collect(upTo: 65_536))
            }
            #expect(text.contains("\(host):\(source.port)"), "\(text)")
        }
        await source.stop()
    }

    @Test func aRedirectIsNotFollowed() async throws {
        let source = try await ImportSource.start()
        let address = try #require(IPAddress("127.0.0.1"))
        let status = try await PinnedClient.lend(for: "127.0.0.1", at: address, connectTimeout: .seconds(180)) { client in
            try await client.execute(HTTPClientRequest(url: source.url + "/loop"), timeout: .seconds(180)).status.code
        }
        #expect(status == 302)
        await source.stop()
    }
}
