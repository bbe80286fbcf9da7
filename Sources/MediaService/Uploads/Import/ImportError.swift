import WebAPI

/// Why nothing was imported. What a client sees tells nothing of the network behind the server: a name that does not
/// exist, an address that is not allowed and a port where nobody listens are one and the same.
enum ImportError: Error, Sendable, Equatable {
    case url(ImportURL.Failure)
    /// The reason is for the log.
    case unreachable(String)
    case status(Int)
    case tooManyRedirects(Int)
    case timeout
    case tooLarge(Int)
    case busy

    var apiError: APIError {
        switch self {
        case .url(.malformed): Self.refused("Enter a valid URL.", "invalid_url")
        case .url(.scheme): Self.refused("Only http and https are fetched.", "invalid_url")
        case .url(.userinfo): Self.refused("A URL with a user name or password is not fetched.", "invalid_url")
        case .url(.port): Self.refused("This port is not among those that are fetched from (setting import-ports).", "invalid_url")
        case .unreachable: Self.refused("Nothing can be fetched from this address.", "url_unreachable")
        case .status(let status): Self.refused("The server there answered with status \(status).", "url_status")
        case .tooManyRedirects(let limit): Self.refused("The address leads on more than \(limit) times.", "too_many_redirects")
        case .timeout: Self.refused("Fetching took too long.", "import_timeout")
        case .tooLarge(let limit):
            APIError(
                .contentTooLarge, code: "content_too_large",
                detail: "The file is larger than the \(limit) bytes that the setting upload-limit (AGROVET_UPLOAD_LIMIT) allows.")
        case .busy:
            APIError(
                .serviceUnavailable, code: "busy", detail: "Too many files are being fetched. Try again in a moment.",
                headers: [.retryAfter: "5"])
        }
    }

    private static func refused(_ message: String, _ code: String) -> APIError { APIError(invalid: ["url": [message]], code: code) }
}
