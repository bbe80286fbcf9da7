import Foundation

/// Times as the API writes and reads them: ISO 8601 / RFC 3339 in UTC, with milliseconds, such as `2026-11-24T08:15:30.250Z`.
public enum Timestamp {
    public static func text(milliseconds: Int64) -> String {
        let (seconds, fraction) = (
            milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000, ((milliseconds % 1000) + 1000) % 1000
        )
        let day = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
        let time = Int(seconds) - day * 86_400
        let date = CivilDate(daysSince1970: day)
        // Four digits of a year, as RFC 3339 has it; written byte by byte, since each line of the log has one.
        return String(unsafeUninitializedCapacity: 24) { bytes in
            func write(_ number: Int, _ digits: Int, at place: Int, then separator: Unicode.Scalar) {
                var rest = number
                for index in stride(from: place + digits - 1, through: place, by: -1) {
                    bytes[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                bytes[place + digits] = UInt8(ascii: separator)
            }
            write(max(0, date.year), 4, at: 0, then: "-")
            write(date.month, 2, at: 5, then: "-")
            write(date.day, 2, at: 8, then: "T")
            write(time / 3600, 2, at: 11, then: ":")
            write(time / 60 % 60, 2, at: 14, then: ":")
            write(time % 60, 2, at: 17, then: ".")
            write(Int(fraction), 3, at: 20, then: "Z")
            return 24
        }
    }

    /// Milliseconds since 1970.
    public static func now() -> Int64 { milliseconds(Date()) }

    public static func text(_ date: Date) -> String { text(milliseconds: milliseconds(date)) }

    /// Milliseconds since 1970 of a time, or of the start of a day (`2026-11-24`); nil where it is neither.
    public static func milliseconds(_ text: String) -> Int64? {
        // A year has four digits here and in what is written.
        guard text.prefix(while: \.isNumber).utf8.count == 4 else { return nil }
        if let date = try? Date(text, strategy: .iso8601) { return milliseconds(date) }
        if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) { return milliseconds(date) }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard text.utf8.count == 10, parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let civil = CivilDate(year: year, month: month, day: day)
        // A day that the month does not have comes back as another.
        guard CivilDate(daysSince1970: civil.daysSince1970) == civil else { return nil }
        return Int64(civil.daysSince1970) * 86_400_000
    }

    public static func milliseconds(_ date: Date) -> Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }
}
