import Events
import Foundation
import Hummingbird
import Logging
import MediaService
import Schemas
import WebAPI

extension FuzzTarget {
    static let services = [signatures, fields, cloudEvents, settings]

    /// The clause of a list's filter, with as many arguments as it has places.
    static func filter(_ request: Request) -> String {
        do {
            let values = try ParameterValues(MediaFilter.parameters, of: request)
            let filter = MediaFilter(values, reader: Principal(subject: "owner"))
            precondition((1...max(1, filter.arguments.count)).allSatisfy { filter.clause.contains("$\($0)") }, filter.clause)
            precondition(!filter.clause.contains(";"), filter.clause)
            return filter.clause
        } catch { return error.code }
    }

    /// Only what was signed is accepted.
    private static let signatures = FuzzTarget(
        name: "signatures", seeds: texts("w:320/A-_a.webp", "/", "w:1,h:2/0198f000-0000-7000-8000-000000000000.jpg"),
        words: ["/", "\n", "unsafe", "unsigned", "=", "-_", String(repeating: "A", count: 43)]
    ) { input in
        let parts = String(decoding: input, as: UTF8.self).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        let (operations, file) = (parts[0], parts.count > 1 ? parts[1] : "")
        let signer = TransformSigner(keys: ["0123456789abcdef"])
        let path = signer.path(operations: operations, file: file)
        let signature = String(path.dropFirst("/img/".count).prefix(43))
        guard signer.accepts(signature, operations: operations, file: file) else { throw Contradiction("\(path) is not accepted") }
        if signer.accepts(signature, operations: operations + "x", file: file) || signer.accepts(file, operations: operations, file: file) {
            throw Contradiction("\(path) is accepted for another address")
        }
        return parts.count
    }

    private static let fields = FuzzTarget(
        name: "fields",
        seeds: texts(
            #"{"title":"Vaca","alt":"","visibility":"private","purpose":"ad"}"#, #"{"title":null,"visibility":1}"#, "[]",
            #"{"alt":"\u0000\ud800"}"#),
        words: ["\"title\":", "\"visibility\":", "null", "\\u0000", "\\ud83d", "[[[[[[[[", "{\"a\":", "1e999", "true"]
    ) { input in
        do {
            let fields = try MediaFields(checking: try JSONValue(parsing: Data(input)))
            return kind("\(fields.title == nil) \(fields.alt == nil) \(fields.visibility?.rawValue ?? "-") \(fields.purpose == nil)")
        } catch { return kind("\(error)") }
    }

    /// An event that was read is written and read again as the same.
    private static let cloudEvents = FuzzTarget(
        name: "cloud-events",
        seeds: texts(
            #"{"specversion":"1.0","id":"1","source":"/agrovet/media","type":"media.created","subject":"s","time":"2026-11-24T08:15:30.250Z","#
                + #""datacontenttype":"application/json","data":{"a":[1,2.5,null,"\"data\":"]}}"#),
        words: ["\",\"data\":", "\"time\":\"", "\"data\":", "}", "9999999-01-01T00:00:00Z", "\\u2028", "1e400", "\"traceparent\":\""]
    ) { input in
        guard let event = try? CloudEvent(json: String(decoding: input, as: UTF8.self)) else { return 0 }
        let again = try CloudEvent(json: event.json)
        guard again.id == event.id, again.subject == event.subject, again.type == event.type, again.source == event.source else {
            throw Contradiction("\(event) is read back as \(again)")
        }
        return kind("\(event.data.prefix(1)) \(event.traceparent == nil)")
    }

    /// The program itself reads a configuration file: it prints the settings, or says in a sentence what is wrong.
    private static let settings = FuzzTarget(
        name: "settings",
        seeds: texts(
            "port: 8080\nupload-limit: 256MiB\nidle-timeout: 60s\n", "presets: thumb=160x160:crop,small=320x320:fit\n",
            "cors-origins: [\"https://a.example\", \"https://b.example\"]\nsecure-cookies: true\n", "log-level: debug\njpeg-quality: 101\n",
            "&a [*a, *a]", "a: &x {b: *x}"),
        words: [
            ": ", "\n", "- ", "[", "{", "&a ", "*a", "!!binary ", "|\n", "\"", "port", "presets", "9223372036854775807TiB", "99999999999d",
            "=", "x",
        ]
    ) { input in
        let folder = FileManager.default.temporaryDirectory.path + "/agrovet-fuzz-settings-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(input).write(to: URL(fileURLWithPath: folder + "/agrovet.yaml"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(
            path: "agrovet")
        process.arguments = ["config", "--config", folder + "/agrovet.yaml"]
        process.environment = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationReason == .exit else {
            throw Contradiction("agrovet config ends with signal \(process.terminationStatus)")
        }
        return Int(process.terminationStatus)
    }
}
