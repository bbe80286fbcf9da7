/// When what a rule counts in days is due.
package struct LifecycleClock: Sendable, Hashable {
    private static let realDay: Int64 = 86_400_000

    /// Milliseconds of what counts as a day.
    let day: Int64

    /// - Parameter day: shorter than a day for tests alone.
    package init(day: Duration) {
        self.day = max(1, day.components.seconds * 1000 + day.components.attoseconds / 1_000_000_000_000_000)
    }

    /// Real days.
    static let real = LifecycleClock(day: .seconds(86_400))

    /// Milliseconds since 1970 of the moment that is `days` after `time`: the next midnight (UTC) then, as S3 has it; exactly then
    /// where days are short.
    func due(_ time: Int64, _ days: Int) -> Int64 {
        let due = time + Int64(days) * day
        guard day == Self.realDay else { return due }
        return (due + Self.realDay - 1) / Self.realDay * Self.realDay
    }
}
