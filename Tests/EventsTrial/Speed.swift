import Events
import Foundation

/// Events a second into the log, and CPU of each.
struct Speed {
    let log: any EventLog
    let seconds: Double

    func run() async throws {
        for writers in [1, 32, 256] { try await measure(writers) }
    }

    private func measure(_ writers: Int) async throws {
        let (begin, cpu) = (ContinuousClock.now, Trial.cpuSeconds())
        let end = begin + .seconds(seconds)
        let run = UUID().uuidString
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    var number = 0
                    while ContinuousClock.now < end {
                        try await log.append([Trial.event("\(run)-\(writer)-\(number)")], to: Trial.topic)
                        number += 1
                    }
                    return number
                }
            }
            return try await group.reduce(0, +)
        }
        let took = Double((ContinuousClock.now - begin) / .milliseconds(1)) / 1000
        Trial.say(
            String(
                format: "append from %3d at once %9.0f/s   %.4f ms CPU", writers, Double(count) / took,
                (Trial.cpuSeconds() - cpu) * 1000 / Double(max(1, count))))
    }
}
