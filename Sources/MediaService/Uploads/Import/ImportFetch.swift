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
        return try await withTimeLimit(settings.timeout, else: ImportError.timeout) { try await follow(first) }
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
        let destination: AddressPolicy.Destination
        do {
            destination = try await settings.policy.destination(of: url.host)
        } catch let refusal as AddressPolicy.Refusal {
            throw ImportError.unreachable(refusal == .forbidden ? "an address that is not allowed" : "no such host")
        }
        var problem = ImportError.unreachable("no answer")
        for address in destination.addresses.prefix(Self.addressLimit) {
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

    private func exchange(_ url: ImportURL, at address: IPAddress) async throws -> Hop {
        try await PinnedClient.lend(
            for: url.host, at: address, connectTimeout: settings.connectTimeout, readTimeout: settings.timeout
        ) { try await exchange(url, $0) }
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
