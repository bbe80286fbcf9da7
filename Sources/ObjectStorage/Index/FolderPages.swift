import Synchronization

/// Pages of lists that tell folders, in memory and bounded: such a page costs a seek for each common prefix, and seldom changes, for one
/// more object in a folder that is told changes nothing. Nothing stale is ever kept: each commit takes out the pages that it changes before
/// it is acknowledged, and a page that was read meanwhile is held against what was committed since its reading began.
///
/// Only for the delimiter that clients use and for prefixes that end with it, so that a key's folders say which pages it can be on.
package final class FolderPages: Sendable {
    package typealias Query = VersionedObjectStore.ListQuery
    package typealias Page = VersionedObjectStore.Page<VersionedObjectStore.ListedObject>

    /// What a commit did to a key.
    struct Change {
        let name: CachedKey
        /// Whether a list tells the key now.
        let isThere: Bool
    }

    /// A reading of the index under way, since this change.
    package struct Reading {
        fileprivate let since: Int
    }

    fileprivate struct Kept {
        let after: String?
        let limit: Int
        let page: Page
        /// Bytes, about.
        let cost: Int
    }

    /// Pages by the bytes of their prefix: texts of other bytes may be the same to Swift.
    fileprivate struct Generation {
        var buckets: [BucketName: [[UInt8]: [Kept]]] = [:]
        var bytes = 0
    }

    fileprivate struct State {
        /// What is found in the older moves to the younger, and when that is full the older goes.
        var young = Generation()
        var old = Generation()
        var readings = 0
        /// Changes since the oldest reading that is under way.
        var log: [Change] = []
        /// Of the log's first.
        var first = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    private static let delimiter = "/"
    /// A reading during which more is committed is not kept.
    private static let longestLog = 8192

    /// - Parameter bytes: at the most; 0 keeps nothing.
    package init(bytes: Int) { limit = bytes / 2 }

    package func find(_ bucket: BucketName, _ query: Query) -> Page? {
        guard canKeep(query) else { return nil }
        let prefix = Array(query.prefix.utf8)
        return state.withLock { state in
            if let kept = state.young.find(bucket, prefix, query) { return kept.page }
            guard let kept = state.old.find(bucket, prefix, query) else { return nil }
            state.old.remove(bucket, prefix) { Self.same($0.after, query.after) && $0.limit == query.limit }
            insert(kept, bucket, prefix, into: &state)
            return kept.page
        }
    }

    /// To be asked before the index is read for `end`; nil where the page would not be kept. Each reading has to be ended.
    package func begin(_ query: Query) -> Reading? {
        guard canKeep(query) else { return nil }
        return state.withLock { state in
            state.readings += 1
            return Reading(since: state.first + state.log.count)
        }
    }

    /// Takes in what was read since then, unless something that was committed meanwhile is not in it.
    /// - Parameter page: nil where the reading failed.
    package func end(_ reading: Reading, _ bucket: BucketName, _ query: Query, _ page: Page?) {
        state.withLock { state in
            defer {
                state.readings -= 1
                if state.readings == 0 { state.forgetLog() }
            }
            guard let page, !page.commonPrefixes.isEmpty, reading.since >= state.first else { return }
            let kept = Kept(after: query.after, limit: query.limit, page: page, cost: Self.cost(page))
            guard kept.cost <= limit else { return }
            let prefix = Array(query.prefix.utf8)
            for change in state.log[(reading.since - state.first)...] {
                guard change.name.bucket != bucket || !change.key.starts(with: prefix) || !kept.isChanged(by: change, prefix.count)
                else { return }
            }
            insert(kept, bucket, prefix, into: &state)
        }
    }

    /// Commits changed these.
    func follow(_ changes: [Change]) {
        guard limit > 0 else { return }
        state.withLock { state in
            if state.readings > 0 {
                if state.log.count + changes.count > Self.longestLog { state.forgetLog() }
                state.log += changes
            }
            for change in changes {
                state.young.drop(change)
                state.old.drop(change)
            }
        }
    }

    private func canKeep(_ query: Query) -> Bool {
        limit > 0 && query.limit > 0 && query.delimiter == Self.delimiter
            && (query.prefix.isEmpty || query.prefix.utf8.last == UInt8(ascii: "/"))
    }

    private func insert(_ kept: Kept, _ bucket: BucketName, _ prefix: [UInt8], into state: inout State) {
        if state.young.bytes + kept.cost > limit {
            state.old = state.young
            state.young = Generation()
        }
        state.young.remove(bucket, prefix) { Self.same($0.after, kept.after) && $0.limit == kept.limit }
        state.young.buckets[bucket, default: [:]][prefix, default: []].append(kept)
        state.young.bytes += kept.cost
    }

    private static func cost(_ page: Page) -> Int {
        let prefixes = page.commonPrefixes.reduce(0) { $0 + 48 + $1.utf8.count }
        return page.items.reduce(512 + prefixes) { $0 + 256 + $1.key.utf8.count }
    }

    fileprivate static func same(_ a: String?, _ b: String?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return a.utf8.elementsEqual(b.utf8)
    }
}

extension FolderPages.Change {
    fileprivate var key: String.UTF8View { name.key.description.utf8 }
}

extension FolderPages.State {
    fileprivate mutating func forgetLog() {
        first += log.count
        log.removeAll(keepingCapacity: true)
    }
}

extension FolderPages.Generation {
    fileprivate func find(_ bucket: BucketName, _ prefix: [UInt8], _ query: FolderPages.Query) -> FolderPages.Kept? {
        buckets[bucket]?[prefix]?.first { FolderPages.same($0.after, query.after) && $0.limit == query.limit }
    }

    fileprivate mutating func remove(_ bucket: BucketName, _ prefix: [UInt8], where isMeant: (FolderPages.Kept) -> Bool) {
        guard let place = buckets[bucket]?[prefix] else { return }
        let left = place.filter { !isMeant($0) }
        guard left.count < place.count else { return }
        bytes -= place.reduce(0) { $0 + $1.cost } - left.reduce(0) { $0 + $1.cost }
        buckets[bucket]?[prefix] = left.isEmpty ? nil : left
        if buckets[bucket]?.isEmpty == true { buckets[bucket] = nil }
    }

    /// Takes out the pages that a change makes wrong: those of the folders that the key is in.
    fileprivate mutating func drop(_ change: FolderPages.Change) {
        guard buckets[change.name.bucket] != nil else { return }
        var prefix: [UInt8] = []
        remove(change.name.bucket, prefix) { $0.isChanged(by: change, 0) }
        for byte in change.key {
            prefix.append(byte)
            guard byte == UInt8(ascii: "/") else { continue }
            remove(change.name.bucket, prefix) { $0.isChanged(by: change, prefix.count) }
        }
    }
}

extension FolderPages.Kept {
    /// Whether a list would tell another page now. What cannot be told without the index counts as a change.
    /// - Parameter prefix: bytes of the page's prefix, which the key begins with.
    fileprivate func isChanged(by change: FolderPages.Change, _ prefix: Int) -> Bool {
        let key = change.key
        // What goes may have been the last of its folder, or all that there was behind the page.
        guard change.isThere else { return true }
        if let after {
            if !after.utf8.lexicographicallyPrecedes(key) { return false }
            // Behind a folder is behind all that is in it.
            if after.utf8.last == UInt8(ascii: "/"), after.utf8.count > prefix, key.starts(with: after.utf8) { return false }
        }
        let rest = key.dropFirst(prefix)
        if let end = rest.firstIndex(of: UInt8(ascii: "/")), isTold(key[...end]) { return false }
        guard let next = page.next else { return true }
        // Behind the page there was something already.
        return key.lexicographicallyPrecedes(next.utf8) || key.elementsEqual(next.utf8)
    }

    private func isTold(_ folder: String.UTF8View.SubSequence) -> Bool {
        var (low, high) = (0, page.commonPrefixes.count)
        while low < high {
            let middle = (low + high) / 2
            if page.commonPrefixes[middle].utf8.lexicographicallyPrecedes(folder) { low = middle + 1 } else { high = middle }
        }
        return low < page.commonPrefixes.count && page.commonPrefixes[low].utf8.elementsEqual(folder)
    }
}
