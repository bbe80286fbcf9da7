import Foundation
import NIOCore
import ObjectStorage
import Synchronization

/// Operations a second and CPU of each, without a network.
struct Speed {
    let store: VersionedObjectStore
    let seconds: Double
    let folder: String

    private static let tasks = 32

    func run() async throws {
        for size in [4096, 100 * 1024, 4 << 20] {
            try await measure("PUT \(size) bytes") { task, round in
                // No two the same: equal bytes would share a file.
                var bytes = ByteBuffer(integer: UInt64(task) << 32 | UInt64(round))
                bytes.writeBytes(Self.filler(size).readableBytesView.dropFirst(8))
                _ = try await Trial.put(store, "put/\(size)/\(task)/\(round)", bytes)
            }
        }
        for keys in [10_000, 100_000] { try await lists(of: keys) }
        for size in [4096, 100 * 1024, 4 << 20] {
            for index in 0..<64 { _ = try await Trial.put(store, "get/\(size)/\(index)", Self.filler(size)) }
            try await measure("GET \(size) bytes, hot") { task, round in
                let key = ObjectKey("get/\(size)/\((task + round) % 64)")!
                guard let version = try await store.find(key, version: nil, in: Trial.bucket),
                    let reader = try await store.open(version, in: Trial.bucket)
                else { throw CocoaError(.featureUnsupported) }
                if size <= 256 * 1024 {
                    guard try await reader.read(0..<size).readableBytes == size else { throw CocoaError(.featureUnsupported) }
                } else {
                    for try await _ in reader.chunks(0..<size) {}
                }
            }
        }
        try await measure("GET 4096 bytes, cold row") { task, round in
            let key = ObjectKey("list/" + Self.number((task * 7919 + round * 31) % 100_000))!
            guard let version = try await store.find(key, version: nil, in: Trial.bucket),
                let reader = try await store.open(version, in: Trial.bucket)
            else { throw CocoaError(.featureUnsupported) }
            _ = try await reader.read(0..<version.size)
        }
        try await measure("DELETE") { task, round in
            _ = try await store.delete(
                [.init(key: ObjectKey("put/4096/\(task)/\(round)")!, versionID: nil, owner: "ana")], in: Trial.bucket)
        }
    }

    /// Pages of 270 keys, wherever they begin, of a bucket that has this many.
    func lists(of keys: Int) async throws {
        var last = VersionedObjectStore.ListQuery()
        last.prefix = "list/"
        last.after = "list/" + Self.number(keys - 2)
        if try await store.list(Trial.bucket, last).items.isEmpty { try await fill(0, keys) }
        try await measure("LIST 270 of \(keys) keys", tasks: 8) { task, round in
            var query = VersionedObjectStore.ListQuery()
            query.prefix = "list/"
            query.limit = 270
            query.after = "list/" + Self.number((task * 7919 + round * 271) % (keys - 300))
            guard try await store.list(Trial.bucket, query).items.count == 270 else { throw CocoaError(.featureUnsupported) }
        }
    }

    private func fill(_ from: Int, _ to: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<Self.tasks {
                group.addTask {
                    for number in stride(from: from + task, to: to, by: Self.tasks) {
                        _ = try await Trial.put(store, "list/" + Self.number(number), ByteBuffer(repeating: 1, count: 16))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func number(_ number: Int) -> String { String(format: "%08d/photo.jpg", number) }

    private static func filler(_ size: Int) -> ByteBuffer { ByteBuffer(repeating: 7, count: size) }

    private func measure(_ name: String, tasks: Int = tasks, _ work: @escaping @Sendable (Int, Int) async throws -> Void) async throws {
        let (begin, cpu) = (ContinuousClock.now, Self.cpuSeconds())
        let end = begin + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var round = 0
                    while ContinuousClock.now < end {
                        try await work(task, round)
                        round += 1
                    }
                    return round
                }
            }
            return try await group.reduce(0, +)
        }
        let took = Double((ContinuousClock.now - begin) / .milliseconds(1)) / 1000
        let used = Self.cpuSeconds() - cpu
        print(
            name.padding(toLength: 30, withPad: " ", startingAt: 0)
                + String(format: "%9.0f/s   %8.3f ms CPU", Double(count) / took, used * 1000 / Double(max(1, count))))
        fflush(nil)
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
