/// The letters of one dead topic that nobody has settled yet. Reads on from where it was, so that asking again costs what is new.
public actor DeadLetters {
    /// Of requests that settle letters.
    static let source = "/agrovet/events"

    private let log: any EventLog
    /// The dead topic itself, such as `media.events.dead`.
    private let topic: String
    private var next: Int64 = 0
    private var letters: [String: DeadLetter] = [:]

    /// - Parameter topic: that consumers read, without `.dead`.
    public init(log: any EventLog, topic: String) {
        self.log = log
        self.topic = DeadLetter.topic(of: topic)
    }

    /// Unsettled letters, oldest first.
    public func unsettled() async throws -> [DeadLetter] {
        while true {
            let batch = try await log.read(topic: topic, from: next, limit: 500, wait: .zero)
            for logged in batch {
                if let request = DeadLetter.Request(logged.event) {
                    letters[request.letter] = nil
                } else if let letter = DeadLetter(logged) {
                    letters[letter.id] = letter
                }
            }
            guard let last = batch.last else { break }
            next = max(next, last.offset + 1)
        }
        return letters.values.sorted { $0.offset < $1.offset }
    }

    /// Hands the letter's event to its consumer once more, which does so within `EventConsumer.patience`.
    public func retry(_ letter: DeadLetter) async throws { try await settle(letter, .retry) }

    /// Nobody will hear of it any more.
    public func drop(_ letter: DeadLetter) async throws { try await settle(letter, .drop) }

    private func settle(_ letter: DeadLetter, _ action: DeadLetter.Request.Action) async throws {
        try await log.append([DeadLetter.Request(action, letter).event], to: topic)
    }
}
