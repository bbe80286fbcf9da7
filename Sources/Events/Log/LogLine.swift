import CChecksum
import Foundation

/// One line of a segment: `<CRC-32 as 8 hexadecimal digits> <offset> <CloudEvent JSON>`, without its line break. The checksum covers all
/// that follows it and its space.
///
/// Each line says its own offset, so that a damaged line, even one whose line break is gone, costs only itself.
struct LogLine {
    let offset: Int64
    /// Where the event's JSON begins in the line.
    private let start: Int

    static let newline: UInt8 = 0x0A
    /// What an offset may be: room is left for all that may ever follow.
    static let offsets: Range<Int64> = 0..<(1 << 62)
    private static let space: UInt8 = 0x20

    /// - Returns: nil where the checksum or the form is wrong.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 9, bytes[8] == Self.space, let crc = Self.number(bytes[..<8], radix: 16),
            Int64(cchecksum_crc32(0, bytes.baseAddress! + 9, bytes.count - 9)) == crc,
            let end = bytes[9...].firstIndex(of: Self.space), let offset = Self.number(bytes[9..<end], radix: 10),
            Self.offsets.contains(offset)
        else { return nil }
        self.offset = offset
        start = end + 1
    }

    /// The event of a line that `init` has taken; nil where it is none.
    func event(_ bytes: UnsafeRawBufferPointer) -> CloudEvent? {
        try? CloudEvent(json: String(decoding: bytes[start...], as: UTF8.self))
    }

    private static let prefix = Array("{\"specversion\":\"1.0\",\"id\":\"".utf8)

    /// The event's id, without reading the rest where it stands as we write it.
    func id(_ bytes: UnsafeRawBufferPointer) -> String? {
        let json = bytes[start...]
        if json.starts(with: Self.prefix) {
            let text = json.dropFirst(Self.prefix.count).prefix { $0 != UInt8(ascii: "\"") }
            if !text.contains(UInt8(ascii: "\\")) { return String(decoding: text, as: UTF8.self) }
        }
        return event(bytes)?.id
    }

    /// The line of an event, with its line break.
    static func text(_ event: CloudEvent, offset: Int64) -> [UInt8] {
        let rest = Array("\(offset) \(event.json)".utf8)
        let crc = String(rest.withUnsafeBytes { cchecksum_crc32(0, $0.baseAddress, $0.count) }, radix: 16)
        return Array((String(repeating: "0", count: 8 - crc.count) + crc + " ").utf8) + rest + [newline]
    }

    private static func number(_ digits: Slice<UnsafeRawBufferPointer>, radix: Int64) -> Int64? {
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for digit in digits {
            let number: Int64
            switch digit {
            case 0x30...0x39: number = Int64(digit) - 0x30
            case 0x61...0x66 where radix == 16: number = Int64(digit) - 0x57
            default: return nil
            }
            let (product, overflows) = value.multipliedReportingOverflow(by: radix)
            let (sum, overflowsToo) = product.addingReportingOverflow(number)
            if overflows || overflowsToo { return nil }
            value = sum
        }
        return value
    }
}

/// Goes through a file line by line. Blocks.
enum LogScan {
    private static let chunk = 256 * 1024

    /// Hands every line that ends within `range` to `visit`, with its place in the file, until it answers false.
    static func lines(
        of file: LogFile, _ range: Range<Int>, _ visit: (_ line: UnsafeRawBufferPointer, _ position: Int) throws -> Bool
    ) throws {
        var buffer = [UInt8](repeating: 0, count: min(chunk, range.count))
        // Where the buffer's first byte stands in the file, and bytes that are in the buffer.
        var (position, count) = (range.lowerBound, 0)
        while position + count < range.upperBound {
            if count == buffer.count { buffer += [UInt8](repeating: 0, count: buffer.count) }
            let (at, wanted) = (position + count, min(buffer.count - count, range.upperBound - position - count))
            let read = try buffer.withUnsafeMutableBytes { try file.read($0.baseAddress! + count, wanted, at: at) }
            guard read > 0 else { return }
            let searched = count
            count += read
            var start = 0
            let goesOn = try buffer.withUnsafeBytes { bytes in
                var from = searched
                while let found = memchr(bytes.baseAddress! + from, Int32(LogLine.newline), count - from) {
                    let end = UnsafeRawPointer(found) - bytes.baseAddress!
                    guard try visit(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), position + start) else { return false }
                    start = end + 1
                    from = start
                }
                return true
            }
            guard goesOn else { return }
            buffer.withUnsafeMutableBytes { _ = memmove($0.baseAddress!, $0.baseAddress! + start, count - start) }
            position += start
            count -= start
        }
    }
}
