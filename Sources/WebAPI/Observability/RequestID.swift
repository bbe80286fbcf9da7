import Synchronization

/// What a request is known by, in its answer (`X-Request-Id`) and in its log lines.
package enum RequestID {
    /// This process among all: 64 random bits.
    private static let process = hex(UInt64.random(in: .min ... .max))
    private static let next = Atomic<UInt64>(0)

    /// 32 hexadecimal digits: the process's, and the request's number in it.
    package static func make() -> String { process + hex(next.wrappingAdd(1, ordering: .relaxed).newValue) }

    /// A client may name its request, within reason: the id goes into logs and back into a header.
    package static func usable(_ id: String?) -> String? {
        guard let id, (1...64).contains(id.utf8.count),
            id.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x5F
            })
        else { return nil }
        return id
    }

    private static func hex(_ number: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { digits in
            for index in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * index)) & 0xF
                digits[index] = digit < 10 ? 0x30 + digit : 0x57 + digit
            }
            return 16
        }
    }
}
