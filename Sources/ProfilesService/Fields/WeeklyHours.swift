import Foundation
import Schemas

/// When somebody is there, week after week, in a time zone.
package struct WeeklyHours: Sendable, Hashable {
    /// Minutes of the week from Monday 00:00 on; `closes` is not in it.
    package struct Span: Sendable, Hashable {
        package let opens: Int
        package let closes: Int
    }

    package let spans: [Span]

    static let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    private static let minutesOfDay = 1440
    /// Of one day.
    private static let spansOfDay = 6

    static let schema: JSONSchema = {
        let time = JSONSchema.string(5...5).example("08:30")
        let span = JSONSchema.closed(.required("from", time), .required("to", time.described("24:00 for the end of the day")))
        return JSONSchema(.object(days.map { .optional($0, .array(span, count: 0...spansOfDay)) }, additional: false))
            .named("WeeklyHours").described("From and to in the time zone of the profile; a night is two spans, of two days")
    }()

    /// Reads a value that the schema has accepted.
    /// - Parameter problems: takes messages by the path within the value.
    package init(_ value: JSONValue, problems: inout [String: [String]]) {
        var spans: [Span] = []
        for (day, name) in Self.days.enumerated() {
            var ofDay: [Span] = []
            for (index, span) in (value[name]?.elements ?? []).enumerated() {
                let (from, to) = (Self.minute(span["from"]?.string ?? ""), Self.minute(span["to"]?.string ?? ""))
                for (end, minute) in [("from", from), ("to", to)] where minute == nil {
                    problems["\(name).\(index).\(end)", default: []].append("Enter a time of the day, such as 08:30.")
                }
                guard let from, let to else { continue }
                if from >= to { problems["\(name).\(index).to", default: []].append("The end has to be after the beginning.") }
                ofDay.append(Span(opens: day * Self.minutesOfDay + from, closes: day * Self.minutesOfDay + to))
            }
            ofDay.sort { $0.opens < $1.opens }
            if zip(ofDay, ofDay.dropFirst()).contains(where: { $0.closes > $1.opens }) {
                problems[name, default: []].append("The hours of a day may not overlap.")
            }
            spans += ofDay
        }
        self.spans = spans
    }

    package func isOpen(at minute: Int) -> Bool { spans.contains { $0.opens <= minute && minute < $0.closes } }

    /// `HH:MM` as minutes of the day, to 24:00; nil where it is none.
    private static func minute(_ text: String) -> Int? {
        guard let match = text.wholeMatch(of: /([0-9]{2}):([0-9]{2})/), let hour = Int(match.1), let minute = Int(match.2), minute < 60,
            hour * 60 + minute <= minutesOfDay
        else { return nil }
        return hour * 60 + minute
    }

    /// The minute of the week that it is in a time zone.
    package static func minuteOfWeek(_ date: Date, in zone: TimeZone) -> Int {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts = calendar.dateComponents([.weekday, .hour, .minute], from: date)
        // Foundation's weeks begin on Sunday, with 1.
        return (((parts.weekday ?? 1) + 5) % 7) * minutesOfDay + (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
    }

    /// A name of the IANA time zone database; nil for any other.
    package static func zone(_ name: String) -> TimeZone? {
        guard name == "UTC" || zones.contains(name) else { return nil }
        return TimeZone(identifier: name)
    }

    private static let zones = Set(TimeZone.knownTimeZoneIdentifiers)
}
