import Foundation
import Hummingbird

/// The fields of a request that choose what of a representation is sent.
public struct Conditions: Sendable {
    public var ifMatch: String?
    public var ifUnmodifiedSince: String?
    public var ifNoneMatch: String?
    public var ifModifiedSince: String?
    public var range: String?
    public var ifRange: String?
    /// Ranges are defined for GET only (RFC 9110 section 14.2).
    public var isGET = true

    public init() {}

    public init(_ request: Request) {
        ifMatch = request.headers[.ifMatch]
        ifUnmodifiedSince = request.headers[.ifUnmodifiedSince]
        ifNoneMatch = request.headers[.ifNoneMatch]
        ifModifiedSince = request.headers[.ifModifiedSince]
        range = request.headers[.range]
        ifRange = request.headers[.ifRange]
        isGET = request.method == .get
    }
}

/// What of a representation is sent.
public enum Selection: Sendable, Equatable {
    /// Status 412.
    case preconditionFailed
    /// Status 304.
    case notModified
    /// Status 200.
    case whole
    /// Status 206.
    case partial(Range<Int>)
    /// Status 416.
    case unsatisfiable
}

/// What a representation is known by to caches.
public struct Validators: Sendable {
    /// Strong, with its quotes.
    public let etag: String
    /// Whole seconds count (RFC 9110 section 8.8.2).
    public let lastModified: Date

    public init(etag: String, lastModified: Date) {
        self.etag = etag
        self.lastModified = lastModified
    }

    /// In the order of RFC 9110 section 13.2.2.
    ///
    /// - Parameter size: bytes of the whole representation.
    public func select(_ conditions: Conditions, size: Int) -> Selection {
        if !holds(conditions) { return .preconditionFailed }
        if isNotModified(conditions) { return .notModified }
        return switch ByteRange(header: applicableRange(conditions), size: size) {
        case .whole: .whole
        case .partial(let range): .partial(range)
        case .unsatisfiable: .unsatisfiable
        }
    }

    /// Whether the client's copy is current: `If-None-Match`, or where that is absent `If-Modified-Since`.
    public func isNotModified(_ request: Request) -> Bool { isNotModified(Conditions(request)) }

    /// The Range header, unless an `If-Range` says that the client's part is of another representation.
    public func applicableRange(_ request: Request) -> String? { applicableRange(Conditions(request)) }

    /// `If-Match`, or where that is absent `If-Unmodified-Since`. A weak tag never matches here.
    private func holds(_ conditions: Conditions) -> Bool {
        if let candidates = conditions.ifMatch {
            return Self.tags(candidates).contains { $0 == "*" || $0 == etag }
        }
        if let date = conditions.ifUnmodifiedSince.flatMap(HTTPDate.parse) { return wholeSeconds <= date.timeIntervalSince1970 }
        return true
    }

    private func isNotModified(_ conditions: Conditions) -> Bool {
        if let candidates = conditions.ifNoneMatch { return Self.matches(candidates, etag) }
        if let since = conditions.ifModifiedSince.flatMap(HTTPDate.parse) { return wholeSeconds <= since.timeIntervalSince1970 }
        return false
    }

    private func applicableRange(_ conditions: Conditions) -> String? {
        guard conditions.isGET, let range = conditions.range else { return nil }
        guard let condition = conditions.ifRange else { return range }
        if condition.hasPrefix("\"") { return condition == etag ? range : nil }
        guard let date = HTTPDate.parse(condition) else { return nil }
        return wholeSeconds == date.timeIntervalSince1970 ? range : nil
    }

    private var wholeSeconds: Double { lastModified.timeIntervalSince1970.rounded(.down) }

    /// Weak comparison against a list of entity tags or `*`.
    static func matches(_ list: String, _ etag: String) -> Bool {
        tags(list).contains { $0 == "*" || ($0.hasPrefix("W/") ? $0.dropFirst(2) : $0) == etag }
    }

    private static func tags(_ list: String) -> [Substring] {
        list.split(separator: ",").map { candidate in
            var tag = candidate.drop { $0 == " " || $0 == "\t" }
            while tag.last == " " || tag.last == "\t" { tag.removeLast() }
            return tag
        }
    }
}

/// Dates in HTTP headers: IMF-fixdate (RFC 9110 section 5.6.7).
public enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    public static func format(_ date: Date) -> String {
        let seconds = Int(date.timeIntervalSince1970.rounded(.down))
        let (day, time) = (Int((Double(seconds) / 86_400).rounded(.down)), ((seconds % 86_400) + 86_400) % 86_400)
        let civil = CivilDate(daysSince1970: day)
        let weekday = days[((day % 7) + 11) % 7]
        return "\(weekday), \(two(civil.day)) \(months[civil.month - 1]) \(civil.year) "
            + "\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60)) GMT"
    }

    public static func parse(_ text: String) -> Date? {
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "," })
        guard fields.count == 6, fields[5] == "GMT", let day = Int(fields[1]), let year = Int(fields[3]), (1...9999).contains(year),
            let month = months.firstIndex(of: String(fields[2]))
        else { return nil }
        let time = fields[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3, (1...31).contains(day), (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2])
        else { return nil }
        let days = CivilDate(year: year, month: month + 1, day: day).daysSince1970
        return Date(timeIntervalSince1970: Double(days * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]))
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// A day of the proleptic Gregorian calendar, UTC.
struct CivilDate: Equatable {
    var year: Int
    var month: Int
    var day: Int

    init(year: Int, month: Int, day: Int) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// Counts in eras of 400 years that begin on the first of March, so that the leap day is the last of a year.
    init(daysSince1970: Int) {
        let shifted = daysSince1970 + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
