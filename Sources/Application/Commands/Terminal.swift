import Foundation

/// What the commands say to the person at the terminal.
enum Terminal {
    static func complain(_ text: String) { write(text + "\n") }

    /// To standard error; what cannot be written is lost. (A `FileHandle` would end the process over it.)
    static func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }

    /// Why something could not be done with a file, in the system's words for it.
    static func reason(_ error: any Error) -> String {
        if let posix = error as? POSIXError { return String(cString: strerror(posix.code.rawValue)) }
        let error = error as NSError
        if error.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(error.code))) }
        if let cause = error.userInfo[NSUnderlyingErrorKey] as? any Error { return reason(cause) }
        return error.localizedDescription
    }

    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }
}

/// One line that shows how far an upload is; silent where standard error is no terminal.
final class ProgressBar: Sendable {
    private let label: String
    private static let width = 30

    init(label: String) {
        self.label = String(label.prefix(32))
    }

    /// - Parameter fraction: 0 to 1.
    func show(_ fraction: Double) {
        guard Terminal.isInteractive else { return }
        let filled = Int(min(1, max(0, fraction)) * Double(Self.width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        Terminal.write("\r\(bar) \(Int(fraction * 100)) %  \(label)\u{1B}[K")
    }

    /// Takes the bar away and prints the outcome, if there is one.
    func finish(_ text: String?) {
        if Terminal.isInteractive { Terminal.write("\r\u{1B}[K") }
        if let text { print(text) }
    }
}
