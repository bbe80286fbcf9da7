import Foundation

/// An SMTP server as the setting names it: `smtp://user:password@host:587` (STARTTLS) or `smtps://…` (TLS from the first byte).
public struct SMTPAddress: Sendable, Equatable {
    package let host: String
    package let port: Int
    /// TLS from the first byte (RFC 8314 section 3.3).
    package let isImplicitTLS: Bool
    package let credentials: Credentials?

    package struct Credentials: Sendable, Equatable {
        package let user: String
        package let password: String
    }

    /// Nil where the text is no such address. User and password are percent-encoded.
    public init?(_ text: String) {
        guard let url = URLComponents(string: text), let scheme = url.scheme, scheme == "smtp" || scheme == "smtps",
            let host = url.host, !host.isEmpty, url.path.isEmpty || url.path == "/", url.query == nil, url.fragment == nil,
            (url.user == nil) == (url.password == nil), (1...65_535).contains(url.port ?? 25)
        else { return nil }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        isImplicitTLS = scheme == "smtps"
        port = url.port ?? (isImplicitTLS ? 465 : 587)
        if let user = url.user, let password = url.password {
            guard !(user + password).unicodeScalars.contains(where: { $0.value == 0 }) else { return nil }
            credentials = Credentials(user: user, password: password)
        } else {
            credentials = nil
        }
    }
}
