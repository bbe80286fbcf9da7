import Foundation
import TestSupport

/// The lines of `docs/S3.md` that set a client up: the first block of code behind a heading with the client's name.
enum DocumentedLines {
    /// Writes one file a client into `folder`, named after it, with the server's address in place of the documented one.
    static func write(to folder: String, endpoint: String) throws {
        let document = try String(contentsOfFile: Executables.packageRoot + "/docs/S3.md", encoding: .utf8)
        let host = endpoint.replacing("http://", with: "")
        for text in document.components(separatedBy: "\n### ").dropFirst() {
            // What stands behind the clients' chapter is not theirs.
            let section = text.components(separatedBy: "\n## ")[0]
            let name = section.prefix { !$0.isWhitespace }
            guard let start = section.range(of: "\n```"), let first = section[start.upperBound...].firstIndex(of: "\n"),
                let end = section[first...].range(of: "\n```")
            else { continue }
            let lines = section[section.index(after: first)..<end.lowerBound].replacing("127.0.0.1:9000", with: host)
            try (lines + "\n").write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
        }
    }
}
