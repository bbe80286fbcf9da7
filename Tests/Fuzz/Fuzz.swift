import Foundation

/// Feeds every parser of this house with bytes that nobody should send, for a while each (`make fuzz`).
///
///     Fuzz [--seconds N] [--seed N] [TARGET…]     tries the targets, one after another; without a name all of them
///     Fuzz --reproduce TARGET FILE                hands one file to a target
///
/// Each target runs in a process of its own, which notes its input before it is tried: whatever ends the process, the input is kept.
@main enum Fuzz {
    static func main() async throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        func value(of name: String) -> String? {
            guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
            defer { arguments.removeSubrange(index...index + 1) }
            return arguments[index + 1]
        }
        if arguments.first == "--reproduce", arguments.count == 3 {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[2])))
            print("outcome \(try await target(arguments[1]).run(bytes))")
            return
        }
        if arguments.first == "--child", arguments.count == 5 {
            return try await FuzzLoop(
                target: target(arguments[1]), seed: UInt64(arguments[2]) ?? 0, seconds: Int(arguments[3]) ?? 1, journal: arguments[4]
            ).run()
        }
        let seconds = value(of: "--seconds").flatMap { Int($0) } ?? 60
        let seed = value(of: "--seed").flatMap { UInt64($0) } ?? UInt64(Date().timeIntervalSince1970)
        let targets = arguments.isEmpty ? FuzzTarget.all : arguments.map(target)
        var failed = 0
        for target in targets where try await !FuzzSupervisor(target: target.name, seed: seed, seconds: seconds).run() { failed += 1 }
        print("\(targets.count - failed) passed, \(failed) failed")
        exit(failed == 0 ? 0 : 1)
    }

    private static func target(_ name: String) -> FuzzTarget {
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            print("There is no target \(name). There are: \(FuzzTarget.all.map(\.name).joined(separator: " "))")
            exit(2)
        }
        return target
    }
}
