import Foundation
import Synchronization

/// Every event that a server of the tests has published is compared with what the services declare (`agrovet events check`): when the
/// server is stopped, when its folder goes, or when the tests end. A fault fails the whole run, whichever tests passed.
enum PublishedEvents {
    private static let folders = Mutex<Set<String>>([])
    private static let faults = Mutex(0)

    static var hasFaults: Bool { faults.withLock { $0 > 0 } }

    /// A server was started on the folder.
    static func watch(_ dataFolder: String) { _ = folders.withLock { $0.insert(dataFolder) } }

    /// Of servers that nobody has stopped.
    static func checkRemaining() { for folder in folders.withLock({ $0 }) { check(folder) } }

    /// Blocks for as long as reading the log takes. Only once where nobody has started a server there since.
    static func check(_ dataFolder: String) {
        guard let (child, output) = begin(dataFolder) else { return }
        note(child.waitBlocking(atMost: 60), dataFolder, output)
    }

    /// The same without a thread that stands still: there are few that tests run on.
    static func checked(_ dataFolder: String) async {
        guard let (child, output) = begin(dataFolder) else { return }
        note(await child.wait(atMost: Patience.usual), dataFolder, output)
    }

    private static func begin(_ dataFolder: String) -> (ChildProcess, output: String)? {
        guard folders.withLock({ $0.remove(dataFolder) }) != nil else { return nil }
        let output = FileManager.default.temporaryDirectory.path + "/agrovet-events-" + UUID().uuidString
        guard let child = try? ChildProcess(Executables.agrovet, ["events", "check", "--data", dataFolder], output: output) else {
            return nil
        }
        return (child, output)
    }

    private static func note(_ status: Int32, _ dataFolder: String, _ output: String) {
        defer { unlink(output) }
        guard status == foundFaults else { return }
        faults.withLock { $0 += 1 }
        let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        FileHandle.standardError.write(Data("✘ events that are not as they are declared, in \(dataFolder):\n\(text)\n".utf8))
    }

    /// The command's exit status where an event is not as it is declared.
    private static let foundFaults: Int32 = 3
}
