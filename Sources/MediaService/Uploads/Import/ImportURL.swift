import Foundation
import WebAPI

/// A URL that may be fetched, taken apart strictly, so that what is checked and what is connected to are the same.
package struct ImportURL: Sendable, Equatable {
    package let isTLS: Bool
    /// A name in lower case, or an IPv6 address without its brackets.
    package let host: String
    package let port: Int
    /// Path and query.
    private let target: String

    package enum Failure: Error, Sendable, Equatable {
        case malformed
        case scheme
        case userinfo
        case port
    }

    package init(_ text: String, ports: Set<Int>) throws(Failure) {
        guard text.utf8.count <= 4096, let url = URLComponents(string: text) else { throw .malformed }
        try self.init(url, ports: ports)
    }

    /// Where a redirect leads to.
    package func redirected(to location: String, ports: Set<Int>) throws(Failure) -> ImportURL {
        guard location.utf8.count <= 4096, let base = URL(string: description),
            let url = URL(string: location, relativeTo: base).flatMap({ URLComponents(url: $0, resolvingAgainstBaseURL: true) })
        else { throw .malformed }
        return try ImportURL(url, ports: ports)
    }

    private init(_ url: URLComponents, ports: Set<Int>) throws(Failure) {
        switch url.scheme?.lowercased() {
        case "http": isTLS = false
        case "https": isTLS = true
        case nil: throw .malformed
        default: throw .scheme
        }
        guard url.user == nil, url.password == nil else { throw .userinfo }
        guard let host = url.encodedHost else { throw .malformed }
        if host.hasPrefix("["), host.hasSuffix("]"), let address = IPAddress(host.dropFirst().dropLast()) {
            self.host = address.description
        } else if let name = HostName(host) {
            self.host = name.description
        } else {
            throw .malformed
        }
        port = url.port ?? (isTLS ? 443 : 80)
        guard ports.contains(port) else { throw .port }
        let path = url.percentEncodedPath.isEmpty ? "/" : url.percentEncodedPath
        guard path.hasPrefix("/") else { throw .malformed }
        target = path + (url.percentEncodedQuery.map { "?" + $0 } ?? "")
        // The client takes the URL apart once more: it has to find the same host, or it would ask a resolver for another.
        let found = URL(string: description)?.host(percentEncoded: true)?.trimmingCharacters(in: ["[", "]"])
        guard found == self.host else { throw .malformed }
    }

    package var description: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return "\(isTLS ? "https" : "http")://\(shown):\(port)\(target)"
    }

    /// The `Host` header (RFC 9110 section 7.2).
    package var authority: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port == (isTLS ? 443 : 80) ? shown : "\(shown):\(port)"
    }

    /// The last part of the path, for the record to show.
    package var filename: String {
        let path = target.prefix { $0 != "?" }
        return path.split(separator: "/").last.flatMap { String($0).removingURLPercentEncoding() } ?? ""
    }
}
