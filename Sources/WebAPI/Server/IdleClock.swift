import NIOCore

/// Whether a connection stands still for want of a request: between two, or in the middle of one that does not go on. While an
/// answer is being made it does not.
struct IdleClock {
    let timeout: TimeAmount
    private var lastActive: NIODeadline
    /// Requests that began and whose answers have not ended.
    private var open = 0
    private var isReading = false

    init(timeout: TimeAmount, now: NIODeadline) {
        self.timeout = timeout
        lastActive = now
    }

    mutating func requestBegins(_ now: NIODeadline) {
        open += 1
        isReading = true
        lastActive = now
    }

    mutating func partComes(_ now: NIODeadline) { lastActive = now }

    mutating func requestEnds(_ now: NIODeadline) {
        isReading = false
        lastActive = now
    }

    mutating func answerEnds(_ now: NIODeadline) {
        open = max(0, open - 1)
        lastActive = now
    }

    /// When to look first.
    var deadline: NIODeadline { lastActive + timeout }

    func isOver(_ now: NIODeadline) -> Bool { (open == 0 || isReading) && now >= deadline }

    /// When to look again.
    func nextLook(_ now: NIODeadline) -> NIODeadline { deadline > now ? deadline : now + timeout }
}
