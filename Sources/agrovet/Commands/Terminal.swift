import Foundation

/// What the commands say to the person at the terminal.
enum Terminal {
    static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
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
        FileHandle.standardError.write(Data("\r\(bar) \(Int(fraction * 100)) %  \(label)\u{1B}[K".utf8))
    }

    /// Takes the bar away and prints the outcome, if there is one.
    func finish(_ text: String?) {
        if Terminal.isInteractive { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
        if let text { print(text) }
    }
}
