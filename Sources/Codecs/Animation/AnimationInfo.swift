/// What a header says of how an animation plays.
public struct AnimationInfo: Sendable, Equatable, Codable {
    /// Milliseconds that one play takes, as browsers have it.
    public let duration: Int
    /// How often it plays; 0 for ever.
    public let plays: Int

    public init(duration: Int, plays: Int) {
        self.duration = duration
        self.plays = plays
    }

    /// How long a frame is shown. Browsers take 10 ms or less for a mistake and show the frame for 100.
    static func shownMilliseconds(_ stored: Int) -> Int { stored <= 10 ? 100 : stored }
}
