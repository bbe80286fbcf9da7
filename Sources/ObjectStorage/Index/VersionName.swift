import Foundation
import Synchronization

/// Names of versions and uploads: 16 hexadecimal digits of the sequence, so that one can be found by its name and sorts by its beginning,
/// and 16 random ones, so that none can be guessed.
enum VersionName {
    /// - Parameter rank: the sequence, negative.
    static func make(rank: Int) -> String { digits(UInt64(-rank)) + digits(.random(in: 0...(.max))) }

    /// Nil where `make` does not make such names.
    static func rank(of name: String) -> Int? {
        guard name.utf8.count == 32, let sequence = Int(name.prefix(16), radix: 16), sequence >= 0 else { return nil }
        return -sequence
    }

    private static func digits(_ value: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for digit in 0..<16 {
                let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * digit)) & 0xf
                buffer[digit] = nibble < 10 ? 48 + nibble : 87 + nibble
            }
            return 16
        }
    }
}

/// Microseconds since 1970 that rise with every call.
final class SequenceClock: Sendable {
    private let last = Mutex(0)

    func next() -> Int {
        let now = Int(Date().timeIntervalSince1970 * 1_000_000)
        return last.withLock { last in
            last = max(now, last + 1)
            return last
        }
    }
}
