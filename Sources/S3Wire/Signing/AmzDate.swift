import Foundation

/// Times as requests carry them: ISO 8601 in its basic form (`20130524T000000Z`), or as HTTP has it (RFC 9110, 5.6.7).
public struct AmzDate: Sendable, Hashable {
    /// Seconds since 1970.
    public let seconds: Int

    public init(_ date: Date) { seconds = Int(date.timeIntervalSince1970.rounded(.down)) }

    public init(seconds: Int) { self.seconds = seconds }

    public var date: Date { Date(timeIntervalSince1970: Double(seconds)) }

    /// Nil where it is neither of both forms.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard let seconds = Self.basic(bytes) ?? Self.http(bytes) else { return nil }
        self.seconds = seconds
    }

    /// `20130524T000000Z`.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// `20130524`.
    public var day: String { String(decoding: bytes[..<8], as: UTF8.self) }

    var bytes: [UInt8] {
        let (year, month, day) = Self.civil(daysSince1970: Int((Double(seconds) / 86_400).rounded(.down)))
        let time = ((seconds % 86_400) + 86_400) % 86_400
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        func append(_ number: Int, digits: Int) {
            var divisor = digits == 4 ? 1000 : 10
            while divisor > 0 {
                bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
                divisor /= 10
            }
        }
        append(max(0, year), digits: 4)
        append(month, digits: 2)
        append(day, digits: 2)
        bytes.append(UInt8(ascii: "T"))
        append(time / 3600, digits: 2)
        append(time / 60 % 60, digits: 2)
        append(time % 60, digits: 2)
        bytes.append(UInt8(ascii: "Z"))
        return bytes
    }

    // MARK: Reading

    private static func basic(_ bytes: [UInt8]) -> Int? {
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
        return seconds(
            year: number(bytes[0..<4]), month: number(bytes[4..<6]), day: number(bytes[6..<8]), hour: number(bytes[9..<11]),
            minute: number(bytes[11..<13]), second: number(bytes[13..<15]))
    }

    private static let months: [[UInt8]] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ].map { Array($0.utf8) }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`; the name of the day is not read.
    private static func http(_ bytes: [UInt8]) -> Int? {
        guard let comma = bytes.firstIndex(of: UInt8(ascii: ",")) else { return nil }
        let words = bytes[(comma + 1)...].split(separator: 0x20)
        guard words.count == 5, words[0].count <= 2, words[2].count == 4, let month = months.firstIndex(of: Array(words[1])) else {
            return nil
        }
        let time = words[3].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let zone = String(decoding: words[4], as: UTF8.self)
        guard time.count == 3, zone == "GMT" || zone == "UTC" || zone == "+0000" || zone == "-0000" else { return nil }
        return seconds(
            year: number(words[2]), month: month + 1, day: number(words[0]), hour: number(time[0]), minute: number(time[1]),
            second: number(time[2]))
    }

    private static func number(_ digits: some Collection<UInt8>) -> Int? {
        guard (1...4).contains(digits.count) else { return nil }
        var number = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return number
    }

    private static func seconds(year: Int?, month: Int?, day: Int?, hour: Int?, minute: Int?, second: Int?) -> Int? {
        guard let year, let month, let day, let hour, let minute, let second, (1...12).contains(month), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...days[month - 1]).contains(day) else { return nil }
        return self.days(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
    }

    // MARK: Days of the Gregorian calendar, counted from 1 March so that the leap day ends the year

    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        // 719,468 days lie between 0000-03-01 and 1970-01-01. Years are 0 or later.
        return shifted * 365 + (shifted >= 0 ? shifted / 4 - shifted / 100 + shifted / 400 : -1) + dayOfYear - 719_468
    }

    private static func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let days = days + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
