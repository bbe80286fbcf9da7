import NIOSSL

/// Why an S3 endpoint did not do what it was asked for.
enum UpstreamFailure: Error, Sendable, CustomStringConvertible {
    /// It answered with an error.
    case answer(status: Int, code: String, message: String)
    /// It could not be reached, the connection broke, or it stood still.
    case transport(String)

    /// Its certificate comes from nobody who is trusted, or is another's.
    case untrusted(String)

    init(transport error: any Error) {
        let text = "\(error)"
        // BoringSSL's own errors are known by their text alone.
        self = error is NIOSSLExtraError || text.contains("CERTIFICATE_VERIFY_FAILED") ? .untrusted(text) : .transport(text)
    }

    /// Whether the same may succeed later.
    var isTransient: Bool {
        switch self {
        case .transport: true
        case .untrusted: false
        case .answer(let status, let code, _):
            switch status {
            case 408, 429, 500, 502, 503, 504: true
            default: ["RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "OperationAborted"].contains(code)
            }
        }
    }

    var description: String {
        switch self {
        case .answer(let status, let code, let message): "it answered \(status) \(code): \(message)"
        case .transport(let reason): reason
        case .untrusted(let reason): "its certificate is not trusted (upstream-ca-file names the authorities that are): \(reason)"
        }
    }

    /// As the store's callers know it.
    /// - Parameter what: what was tried, for the log.
    func error(_ what: String) -> ObjectStoreError {
        if case .answer(let status, let code, _) = self,
            status == 507 || ["InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "EntityTooLarge"].contains(code)
        {
            return .diskFull
        }
        // Nothing is wrong with what was asked for, and it is as good as away until somebody mends it.
        if case .untrusted = self { return .unavailable("\(what): \(self)") }
        return isTransient ? .unavailable("\(what): \(self)") : .failed("\(what): \(self)")
    }
}
