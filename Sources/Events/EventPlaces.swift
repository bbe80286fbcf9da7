/// Where a reader of several topics stands: what the id of a server-sent event says, so that a client that reconnects goes on where it was.
///
/// Of one topic the id is the offset of the last event that was seen, such as `17`; of several it is the offset in each, `-1` where none
/// was: `media.events:17,user.events:-1`.
package struct EventPlaces: Sendable, Equatable {
    /// What is read next, by topic.
    package private(set) var next: [String: Int64]

    /// - Parameter next: by topic.
    package init(_ next: [String: Int64]) { self.next = next }

    /// Reads an id that `id` has made, for the topics that are wanted now; those it does not name are not in the result.
    /// - Returns: nil where the text is no id, or names no topic where several are wanted.
    package init?(id: String, topics: [String]) {
        var next: [String: Int64] = [:]
        if topics.count == 1, let offset = Self.offset(id), offset >= 0 {
            next[topics[0]] = offset + 1
        } else {
            for place in id.split(separator: ",", omittingEmptySubsequences: false) {
                guard let colon = place.lastIndex(of: ":"), let offset = Self.offset(place[place.index(after: colon)...]) else {
                    return nil
                }
                let topic = String(place[..<colon])
                guard !topic.isEmpty, next[topic] == nil else { return nil }
                next[topic] = offset + 1
            }
        }
        self.next = next.filter { topics.contains($0.key) }
    }

    private static func offset(_ text: some StringProtocol) -> Int64? {
        guard let offset = Int64(text), offset >= -1, offset < .max, text.first != "+" else { return nil }
        return offset
    }

    /// The id of an event whose place was just passed.
    package var id: String {
        if next.count == 1, let only = next.first?.value, only > 0 { return "\(only - 1)" }
        return next.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value - 1)" }.joined(separator: ",")
    }

    /// Moves on behind an event.
    package mutating func pass(_ offset: Int64, in topic: String) { next[topic] = offset + 1 }

    /// Goes back to the beginning of a topic.
    package mutating func restart(_ topic: String) { next[topic] = 0 }

    /// Begins a topic that is not there yet.
    package mutating func begin(_ topic: String, at offset: Int64) { next[topic] = next[topic] ?? offset }
}
