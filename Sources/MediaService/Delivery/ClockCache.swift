/// Values by key within two bounds, bytes and files; when there is no room, those go that were not asked for since the hand last
/// passed them (the CLOCK algorithm: close to least recently used, and a hit only sets a bit). A pure value: whoever shares it
/// locks it.
package struct ClockCache<Key: Hashable, Value> {
    /// What a value takes of the bounds.
    package struct Cost: Equatable {
        package var bytes: Int
        package var files: Int

        package init(bytes: Int, files: Int) {
            self.bytes = bytes
            self.files = files
        }
    }

    private struct Slot {
        let key: Key
        var value: Value
        var cost: Cost
        var isUsed: Bool
    }

    package let limit: Cost
    package private(set) var used = Cost(bytes: 0, files: 0)
    private var places: [Key: Int] = [:]
    private var slots: [Slot?] = []
    private var free: [Int] = []
    private var hand = 0

    package init(limit: Cost) {
        self.limit = limit
    }

    package var count: Int { places.count }

    /// The value, which counts as used by this.
    package mutating func value(_ key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        slots[place]!.isUsed = true
        return slots[place]!.value
    }

    /// Replaces the value in its place; false where it is not there any more.
    package mutating func update(_ key: Key, _ change: (inout Value) -> Void) -> Bool {
        guard let place = places[key] else { return false }
        change(&slots[place]!.value)
        return true
    }

    /// Whether a value can be kept at all.
    package func fits(_ cost: Cost) -> Bool { cost.bytes <= limit.bytes && cost.files <= limit.files }

    /// Keeps a value.
    /// - Precondition: it fits.
    /// - Returns: what went for it.
    package mutating func insert(_ value: Value, for key: Key, cost: Cost) -> [(key: Key, value: Value)] {
        precondition(fits(cost), "no cache is made larger by what is put in")
        var evicted: [(key: Key, value: Value)] = []
        if let replaced = remove(key) { evicted.append((key, replaced)) }
        while used.bytes + cost.bytes > limit.bytes || used.files + cost.files > limit.files {
            let needsFiles = used.bytes + cost.bytes <= limit.bytes
            guard let victim = nextVictim(where: { !needsFiles || $0.files > 0 }) else { break }
            if let value = remove(victim) { evicted.append((victim, value)) }
        }
        let place = free.popLast() ?? slots.count
        let slot = Slot(key: key, value: value, cost: cost, isUsed: false)
        if place == slots.count { slots.append(slot) } else { slots[place] = slot }
        places[key] = place
        used.bytes += cost.bytes
        used.files += cost.files
        return evicted
    }

    @discardableResult
    package mutating func remove(_ key: Key) -> Value? {
        guard let place = places.removeValue(forKey: key), let slot = slots[place] else { return nil }
        slots[place] = nil
        free.append(place)
        used.bytes -= slot.cost.bytes
        used.files -= slot.cost.files
        return slot.value
    }

    /// Goes round until it finds one that was not used since it was here: at most twice.
    private mutating func nextVictim(where isEligible: (Cost) -> Bool) -> Key? {
        for _ in 0..<(2 * slots.count + 1) {
            let place = hand
            hand = hand + 1 < slots.count ? hand + 1 : 0
            guard let slot = slots[place], isEligible(slot.cost) else { continue }
            if !slot.isUsed { return slot.key }
            slots[place]!.isUsed = false
        }
        return nil
    }
}
