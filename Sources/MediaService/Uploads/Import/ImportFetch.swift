import AsyncHTTPClient
import Foundation
import HTTPTypes
import NIOCore
import ObjectStorage
import WebAPI

/// Fetches one file: every hop's address is checked, and the connection goes to the very address that was checked, so that a
/// name which means another address a moment later (DNS rebinding) leads nowhere else. No cookies, no credentials, no
/// compression, nothing kept between requests.
struct ImportFetch: Sendable {
    let core: MediaCore
    let settings: ImportSettings

    /// The file, within the time limit.
    /// - Throws: `ImportError`, `APIError` for what is wrong with the file, `ObjectStoreError`.
    func run(_ text: String) async throws -> ReceivedFile {
        let first: ImportURL
        do { first = try ImportURL(text, ports: settings.ports) } catch { throw ImportError.url(error) }
        return try await withThrowingTaskGroup(of: ReceivedFile.self) { group in
            group.addTask { try await follow(first) }
            group.addTask {
                try await Task.sleep(for: settings.timeout)
                throw ImportError.timeout
            }
            defer { group.cancelAll() }
            return try await group.next()!
        }
    }

    private enum Hop {
        case file(ReceivedFile)
        case redirect(ImportURL)
    }

    private func follow(_ first: ImportURL) async throws -> ReceivedFile {
        var url = first
        for _ in 0...settings.redirects {
            switch try await hop(url) {
            case .file(let file): return file
            case .redirect(let next): url = next
            }
        }
        throw ImportError.tooManyRedirects(settings.redirects)
    }

    private func hop(_ url: ImportURL) async throws -> Hop {
        let addresses = try await HostResolver.addresses(of: url.host)
        // One address that is not allowed spoils the name: whoever put it there means no good.
        guard !addresses.isEmpty, addresses.allSatisfy({ settings.rules.allows($0, of: url.host) }) else {
            throw ImportError.unreachable(addresses.isEmpty ? "no such host" : "an address that is not allowed")
        }
        var problem = ImportError.unreachable("no answer")
        for address in addresses.prefix(Self.addressLimit) {
            do {
                return try await exchange(url, at: address)
            } catch let error as Unanswered {
                problem = .unreachable(error.reason)
            }
        }
        throw problem
    }

    /// Addresses of one host that are tried.
    private static let addressLimit = 4

    /// No answer came from one address; another may give one.
    private struct Unanswered: Error {
        let reason: String
    }

    private func exchange(_ url: ImportURL, at address: NetworkAddress) async throws -> Hop {
        let configuration = HTTPClient.Configuration(pinning: url, to: address, settings)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let hop = try await exchange(url, client)
            try await client.shutdown()
            return hop
        } catch {
            // In a task of its own: this one may be cancelled, and the connection has to end all the same.
            await Task { try? await client.shutdown() }.value
            throw error
        }
    }

    private func exchange(_ url: ImportURL, _ client: HTTPClient) async throws -> Hop {
        var request = HTTPClientRequest(url: url.description)
        request.headers = ["Host": url.authority, "Accept": "image/*, */*;q=0.1", "Accept-Encoding": "identity", "User-Agent": "agrovet"]
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: TimeAmount(settings.timeout))
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw Unanswered(reason: "\(error)")
        }
        switch response.status.code {
        case 200: return .file(try await receive(response, url))
        case 301, 302, 303, 307, 308:
            guard let location = response.headers.first(name: "Location") else { throw ImportError.status(Int(response.status.code)) }
            do { return .redirect(try url.redirected(to: location, ports: settings.ports)) } catch { throw ImportError.url(error) }
        default: throw ImportError.status(Int(response.status.code))
        }
    }

    private func receive(_ response: HTTPClientResponse, _ url: ImportURL) async throws -> ReceivedFile {
        let limit = core.settings.uploadBytes
        // Refused before a byte of it is read.
        if let length = response.headers.first(name: "Content-Length").flatMap({ Int($0) }), length > limit {
            throw ImportError.tooLarge(limit)
        }
        let named = response.headers.first(name: "Content-Disposition").flatMap { HeaderParameters($0).parameters["filename"] }
        return try await ReceivedFile.receive(
            FetchedBody(body: response.body), named: UploadForm.shownName(named ?? url.filename), limit: limit,
            tooLarge: ImportError.tooLarge(limit).apiError, core: core)
    }

    /// A body whose connection's errors are the fetch's own: the server here must not take them for its client's.
    private struct FetchedBody: AsyncSequence, Sendable {
        typealias Element = ByteBuffer
        let body: HTTPClientResponse.Body

        struct Iterator: AsyncIteratorProtocol {
            var body: HTTPClientResponse.Body.AsyncIterator

            mutating func next() async throws -> ByteBuffer? {
                do {
                    return try await body.next()
                } catch {
                    if Task.isCancelled { throw CancellationError() }
                    throw ImportError.unreachable("the body broke off: \(error)")
                }
            }
        }

        func makeAsyncIterator() -> Iterator { Iterator(body: body.makeAsyncIterator()) }
    }
}

extension HTTPClient.Configuration {
    /// A client that connects to `address` for `url`, whatever its name means by now; the name stays in `Host` and in the TLS
    /// handshake (SNI, and what the certificate has to be for).
    package init(pinning url: ImportURL, to address: NetworkAddress, _ settings: ImportSettings) {
        self.init()
        redirectConfiguration = .disallow
        decompression = .disabled
        httpVersion = .http1Only
        timeout.connect = TimeAmount(settings.connectTimeout)
        timeout.read = TimeAmount(settings.timeout)
        dnsOverride = [url.host: address.description]
    }
}
