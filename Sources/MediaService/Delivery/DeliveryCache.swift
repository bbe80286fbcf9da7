import Foundation
import NIOCore
import NIOPosix
import ObjectStorage
import Synchronization
import WebAPI

/// What bounds the answers that are kept ready.
public struct DeliveryCacheLimits: Sendable {
    /// Bytes of bodies in memory, with what is kept to find them.
    public var bytes = 64 * 1024 * 1024
    /// Bytes of a body that is kept in memory; of a larger one the file is kept open.
    public var bodyBytes = 256 * 1024
    /// Files kept open.
    public var files = 128
    /// How long an answer is given without a look at its record.
    public var recheck = Duration.seconds(10)

    public init() {}
}

/// The most wanted public pictures, ready to be sent without a look at database or disk.
///
/// Only what everybody may see is kept. What becomes of an item in this process (deleted, made private) is told here at once
/// (`drop`); what another process does to it is seen when the answer is due for a look at its record, after
/// `DeliveryCacheLimits.recheck`.
package final class DeliveryCache: ReadyAnswers {
    /// What an answer is found by: the request's target as it stands there, and where the format is negotiated the Accept header.
    package struct Address: Hashable, Sendable {
        let path: String
        let accept: String

        /// Longest target or Accept header that is looked at: others are not kept.
        private static let limit = 512

        /// Nil for what is never kept: what has a query may carry a signature.
        fileprivate init?(path: String, accept: String?) {
            let accept = path.hasSuffix(".auto") ? accept ?? "" : ""
            guard !path.utf8.contains(UInt8(ascii: "?")), path.utf8.count <= Self.limit, accept.utf8.count <= Self.limit else { return nil }
            self.path = path
            self.accept = accept
        }
    }

    /// The state of items at a moment: what was looked up before one of them was dropped is not kept after.
    package struct Ticket: Sendable {
        fileprivate var generations: [(place: Int, generation: UInt64)]

        /// The state of the items of both.
        package func joined(_ other: Ticket) -> Ticket { Ticket(generations: generations + other.generations) }
    }

    fileprivate struct Entry {
        let answer: ReadyAnswer
        let info: ObjectInfo
        let tags: [MediaID]
        var due: ContinuousClock.Instant
    }

    fileprivate struct State {
        var cache: ClockCache<Address, Entry>
        var addresses: [MediaID: Set<Address>] = [:]
        /// Counted up when an item is dropped; items share places, which costs a needless look now and then.
        var generations = [UInt64](repeating: 0, count: 4096)
    }

    private let state: Mutex<State>
    package let limits: DeliveryCacheLimits
    /// Bytes that an answer takes beside its body and its address.
    private static let overhead = 1536

    package init(limits: DeliveryCacheLimits) {
        self.limits = limits
        state = Mutex(State(cache: ClockCache(limit: .init(bytes: limits.bytes, files: limits.files))))
    }

    /// Where the answer to a request is kept; nil for one that never is.
    ///
    /// - Parameter isNegotiated: the Accept header chose the format. It counts for targets that end in `.auto` only, so a target
    ///   that says the same in another way is not kept.
    package func address(path: String, accept: String?, isNegotiated: Bool) -> Address? {
        guard limits.bytes > 0, limits.recheck > .zero, isNegotiated == path.hasSuffix(".auto") else { return nil }
        return Address(path: path, accept: accept)
    }

    /// Answers that are kept, their bytes in memory, and files that are kept open.
    package var size: (answers: Int, bytes: Int, files: Int) {
        state.withLock { ($0.cache.count, $0.cache.used.bytes, $0.cache.used.files) }
    }

    // MARK: Giving

    package func reply(to request: ReadyRequest) -> ReadyReply? {
        guard !request.hasCredentials, let answer = answer(path: request.head.uri, accept: request.accept) else { return nil }
        return .kept(answer)
    }

    /// - Parameters:
    ///   - path: as it stands in the request, with its query.
    ///   - accept: the Accept header.
    package func answer(path: String, accept: String?) -> ReadyAnswer? {
        guard let address = Address(path: path, accept: accept) else { return nil }
        let now = ContinuousClock.now
        return state.withLock { state in
            guard let entry = state.cache.value(address), entry.due > now else { return nil }
            return entry.answer
        }
    }

    /// What is kept at an address, for who has just looked at the records it depends on: it is good for a while again.
    package func reader(_ address: Address, ticket: Ticket) -> (any ObjectReader)? {
        let due = ContinuousClock.now + limits.recheck
        let entry: Entry? = state.withLock { state in
            guard Self.isCurrent(ticket, state), let entry = state.cache.value(address) else { return nil }
            _ = state.cache.update(address) { $0.due = due }
            return entry
        }
        guard let entry else { return nil }
        switch entry.answer.content {
        case .bytes(let bytes): return MemoryReader(info: entry.info, bytes: bytes)
        case .file(let file):
            guard let descriptor = try? file.duplicate() else { return nil }
            // The descriptor's own path: the file may have lost its name.
            return LocalObjectReader(
                info: entry.info, descriptor: descriptor, path: "/dev/fd/\(descriptor)", threads: .singleton, release: {})
        }
    }

    // MARK: Keeping

    /// To be taken before the records of these items are looked up.
    package func ticket(_ ids: [MediaID]) -> Ticket {
        let places = ids.map(Self.place)
        return state.withLock { state in Ticket(generations: places.map { ($0, state.generations[$0]) }) }
    }

    /// Keeps an answer that everybody may see, unless one of the items was dropped since the ticket was taken.
    package func keep(_ answer: ReadyAnswer, _ info: ObjectInfo, at address: Address, tags: [MediaID], ticket: Ticket) {
        let (bytes, files) =
            switch answer.content {
            case .bytes(let bytes): (bytes.storageCapacity, 0)
            case .file: (0, 1)
            }
        let cost = ClockCache<Address, Entry>.Cost(
            bytes: Self.overhead + 2 * (address.path.utf8.count + address.accept.utf8.count) + bytes, files: files)
        let due = ContinuousClock.now + limits.recheck
        // What goes is let go behind the lock: its file is closed then.
        let gone: [Entry] = state.withLock { state in
            guard Self.isCurrent(ticket, state), state.cache.fits(cost) else { return [] }
            var gone = Self.remove(address, &state).map { [$0] } ?? []
            let entry = Entry(answer: answer, info: info, tags: tags, due: due)
            gone += state.insert(entry, at: address, cost: cost)
            return gone
        }
        _ = gone
    }

    /// Forgets all that shows an item. To be called when its row has changed, before anybody is told.
    package func drop(_ id: MediaID) {
        let gone: [Entry] = state.withLock { state in
            state.generations[Self.place(id)] &+= 1
            return (state.addresses[id] ?? []).compactMap { Self.remove($0, &state) }
        }
        _ = gone
    }

    private static func remove(_ address: Address, _ state: inout State) -> Entry? {
        guard let entry = state.cache.remove(address) else { return nil }
        state.forget(address, entry)
        return entry
    }

    private static func isCurrent(_ ticket: Ticket, _ state: borrowing State) -> Bool {
        ticket.generations.allSatisfy { state.generations[$0.place] == $0.generation }
    }

    private static func place(_ id: MediaID) -> Int {
        // The last digits are random (RFC 9562 section 5.7).
        Int(id.description.utf8.suffix(6).reduce(0) { ($0 &* 31 &+ UInt($1)) } % 4096)
    }
}

extension DeliveryCache.State {
    fileprivate mutating func insert(
        _ entry: DeliveryCache.Entry, at address: DeliveryCache.Address, cost: ClockCache<DeliveryCache.Address, DeliveryCache.Entry>.Cost
    ) -> [DeliveryCache.Entry] {
        let evicted = cache.insert(entry, for: address, cost: cost)
        for id in entry.tags { addresses[id, default: []].insert(address) }
        for (address, entry) in evicted { forget(address, entry) }
        return evicted.map(\.value)
    }

    fileprivate mutating func forget(_ address: DeliveryCache.Address, _ entry: DeliveryCache.Entry) {
        for id in entry.tags {
            addresses[id]?.remove(address)
            if addresses[id]?.isEmpty == true { addresses[id] = nil }
        }
    }
}
